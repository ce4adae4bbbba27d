/// What following the audit log from its first entry to its last, and comparing the database with it, found.
public struct AuditReport: Equatable, Sendable {
    /// Entries that were followed.
    public var entries = 0
    /// The newest entry and its hash, to be noted elsewhere: only this shows that entries were cut off at the end.
    public var head: (number: Int64, hash: String)?
    /// What is wrong, at most the first few; empty where everything is as it was written.
    public var problems: [String] = []
    /// Imported records that no entry covers, since they were imported before imports had entries. They are only counted.
    public var uncovered = 0
    /// Entries of versions that stored a text only up to its first U+0000, so that their hashes cannot be computed again.
    public var unverified: [Int64] = []

    /// A report that found nothing yet.
    public init() {}

    /// Whether both say the same.
    public static func == (left: Self, right: Self) -> Bool {
        left.entries == right.entries && left.head?.hash == right.head?.hash && left.problems == right.problems
            && left.uncovered == right.uncovered && left.unverified == right.unverified
    }
}
