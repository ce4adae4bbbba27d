/// A file or folder that should be written and cannot be.
public struct UnwritableFile: Failure, Equatable {
    /// As the user named it.
    public var path: String
    /// What is wrong.
    public var reason: String

    /// An error about a file or folder.
    public init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }

    /// One line: path, reason.
    public var description: String { "\(path): cannot be written: \(reason); check free space and permissions" }

    /// 73.
    public var status: ExitStatus { .cannotWrite }
}
