public import Domain

/// Why an import ended without importing anything.
public enum ImportError: Failure, Equatable {
    /// A file's header does not have what it should.
    case header(file: String, reason: String)
    /// More records were refused than were allowed.
    case rejected(count: Int, stopped: Bool, first: Reject, rejects: String)

    /// One line: file, line, column, reason, what to do.
    public var description: String {
        switch self {
        case .header(let file, let reason):
            "\(file):1: \(reason)"
        case .rejected(let count, let stopped, let first, let rejects):
            """
            \(first); \(stopped ? "stopped after" : "in all") \(count) \(count == 1 ? "reject" : "rejects"), see \
            \(rejects); nothing was imported; mend the input, or allow them with --allow-rejects
            """
        }
    }

    /// 65.
    public var status: ExitStatus { .badData }
}

/// A record that cannot be imported.
public struct Reject: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file it stands in.
    public var file: String
    /// The line on which it starts, from 1.
    public var line: Int
    /// The column that is wrong; empty where it is the whole record.
    public var column: String
    /// What is wrong.
    public var reason: String

    /// One line: file, line, column, reason.
    public var description: String {
        "\(file):\(line): \(column.isEmpty ? "" : "\(column): ")\(reason)"
    }
}
