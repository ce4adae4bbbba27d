public import Domain

/// A file or folder cannot be written.
public struct UnwritableFile: Failure, Equatable {
    /// As the user named it.
    public var path: String
    /// The reason.
    public var reason: String

    /// What to do about it.
    public var advice: String

    /// An error about a file or folder.
    public init(path: String, reason: String, advice: String = "check free space and permissions") {
        self.path = path
        self.reason = reason
        self.advice = advice
    }

    /// One line: path, reason, advice.
    public var description: String { "\(path): cannot be written: \(reason); \(advice)" }

    /// 73.
    public var status: ExitStatus { .cannotWrite }
}
