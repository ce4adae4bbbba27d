/// What the audit log looks like when it is followed from its first entry to its last.
public struct AuditReport: Equatable, Sendable {
    /// Entries that were followed.
    public var entries: Int
    /// The newest entry and its hash, to be noted elsewhere: that nothing was cut off at the end shows only there.
    public var head: (number: Int64, hash: String)?
    /// What is wrong, at most the first few; empty where all is as it was written.
    public var problems: [String]

    /// Whether both say the same.
    public static func == (left: Self, right: Self) -> Bool {
        left.entries == right.entries && left.head?.hash == right.head?.hash && left.problems == right.problems
    }
}
