import Configuration
import Foundation
import TestSupport
import Testing

/// One path of each file, whatever path leads to it.
@Suite(.timeLimit(.minutes(30))) struct CanonicalPathTests {
    private let folder: TemporaryFolder
    /// Where the folder really is.
    private let root: String

    init() async throws {
        folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.path("data"), withIntermediateDirectories: false)
        root = try #require(
            try await CommandRun.shell("pwd -P", in: folder).output.split(separator: "\n").first.map(String.init))
        for (link, target) in [
            ("link.db", "data/clinic.db"), ("second.db", "link.db"), ("there", "data"), ("loop", "loop"),
            ("absolute.db", folder.path("data/clinic.db")), ("nowhere.db", "missing/clinic.db"),
        ] {
            try FileManager.default.createSymbolicLink(atPath: folder.path(link), withDestinationPath: target)
        }
    }

    private static let paths = [
        "data/clinic.db", "./data/clinic.db", "data/../data//clinic.db", "link.db", "second.db", "there/clinic.db",
        "there/../link.db", "absolute.db",
    ]

    @Test("is the same before and after the file exists", arguments: paths)
    func resolves(path: String) throws {
        #expect(canonicalPath("\(folder.url.path)/\(path)") == "\(root)/data/clinic.db")
        try folder.write("x", to: "data/clinic.db")
        #expect(canonicalPath("\(folder.url.path)/\(path)") == "\(root)/data/clinic.db")
    }

    @Test("is the path itself where there is none", arguments: ["loop", "missing/clinic.db", "nowhere.db/"])
    func leavesOthers(path: String) {
        #expect(canonicalPath("\(root)/\(path)") == "\(root)/\(path)")
    }
}
