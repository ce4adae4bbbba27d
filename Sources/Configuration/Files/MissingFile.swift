public import Domain

/// A file or folder that is needed and is not there, or may not be read.
public struct MissingFile: Failure, Equatable {
    /// As the user named it.
    public var path: String
    /// What is wrong, and what to do.
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
