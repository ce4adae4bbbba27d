public import Domain

/// Why an import ended without importing anything.
public enum ImportError: Failure, Equatable {
    /// A file cannot be read as CSV, or not further than a line.
    case format(file: String, line: Int? = nil, reason: String)
    /// A file's header does not have what it should.
    case header(file: String, reason: String)
    /// More records were refused than were allowed.
    case rejected(count: Int, stopped: Bool, first: Reject, rejects: String?)
    /// More records of a source would change than usual; `deletes` where they would be deleted.
    case unusual(source: String, kind: String, changed: Int, known: Int, deletes: Bool)
    /// A record would change so that others, which refer to it, could not be.
    case impossible(reason: String)
    /// Records cannot be deleted that are missing in the files, since rows were rejected.
    case incompleteMirror(rejected: Int)

    /// One line: file, line, column, reason, what to do.
    public var description: String {
        switch self {
        case .format(let file, let line, let reason):
            "\(file):\(line.map { "\($0):" } ?? "") \(reason)"
        case .header(let file, let reason):
            "\(file):1: \(reason)"
        case .rejected(let count, let stopped, let first, let rejects):
            """
            \(first); \(stopped ? "stopped after" : "in all") \(count) \(count == 1 ? "reject" : "rejects")\
            \(rejects.map { ", see \($0)" } ?? ""); nothing was imported; mend the input, or allow them with --allow-rejects
            """
        case .unusual(let source, let kind, let changed, let known, let deletes):
            """
            \(changed) of \(known) \(kind) of source '\(source)' would be \(deletes ? "deleted" : "replaced by other content"), \
            which is more than a fifth; nothing was imported; \
            if that is right, import again with --allow-changes; if these are other records, give them other ids or another source
            """
        case .impossible(let reason):
            "\(reason); nothing was imported; mend the input"
        case .incompleteMirror(let rejected):
            """
            \(rejected) \(rejected == 1 ? "row was" : "rows were") rejected, so that --mirror cannot know which records are gone; \
            nothing was imported; mend the input, or import without --mirror
            """
        }
    }

    /// 65.
    public var status: ExitStatus { .badData }
}

/// A record that cannot be imported.
public struct Reject: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file it is in.
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
