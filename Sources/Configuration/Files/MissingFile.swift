public import Domain

/// A required file or folder is missing or cannot be read.
public struct MissingFile: Failure, Equatable {
    /// As the user named it.
    public var path: String
    /// The reason, and what to do about it.
    public var reason: String

    /// An error about a file or folder.
    public init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }

    /// One line: path, reason.
    public var description: String { "\(path): \(reason)" }

    /// 66.
    public var status: ExitStatus { .missingInput }
}
