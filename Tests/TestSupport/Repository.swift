public import Foundation

/// Places in the repository and the build.
public enum Repository {
    /// The top of the repository.
    public static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The golden sets.
    public static let golden = root.appending(path: "Tests/Golden")

    /// The shell scripts of the tests, and programs in other languages that attack what ours serves and check what it made.
    public static let scripts = root.appending(path: "Tests/Scripts")

    /// The binary of the same build as the running tests.
    public static var binary: URL {
        get throws {
            let runner = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            let here = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "avicenna")
            let beside = URL(filePath: runner).deletingLastPathComponent().appending(path: "avicenna")
            return FileManager.default.isExecutableFile(atPath: beside.path) ? beside : here
        }
    }
}
