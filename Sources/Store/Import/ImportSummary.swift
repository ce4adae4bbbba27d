/// The outcome of an import.
public struct ImportSummary: Equatable, Sendable {
    /// The outcome of one file.
    public struct File: Equatable, Sendable {
        /// The file as the user named it.
        public var path: String
        /// Rows read, rejected ones included.
        public var rows = 0
        /// Records that were new.
        public var inserted = 0
        /// Records that replaced other content.
        public var updated = 0
        /// Records that were there already.
        public var unchanged = 0
        /// Rows that were refused.
        public var rejected = 0
        /// What the operator should know of how it was read, each a phrase.
        public var notes: [String] = []

        /// Counts the outcome of writing a record, or throws the reason why it was not written.
        mutating func settle(_ outcome: WriteOutcome, _ record: WrittenRecord, of importer: any RowImporter)
            throws(FieldProblem)
        {
            func columns() -> RecordColumns { importer.columnNames(of: record) }
            switch outcome {
            case .inserted: inserted += 1
            case .updated: updated += 1
            case .unchanged: unchanged += 1
            case .missingReference:
                throw FieldProblem(column: columns().parent, reason: "refers to a record that does not exist")
            case .repeated(let fields):
                let names = fields.map { importer.name(of: $0) }.joined(separator: ", ")
                throw FieldProblem(
                    column: columns().id,
                    reason: "came before with other content\(names.isEmpty ? "" : " in \(names)")")
            case .foreign(let source):
                throw FieldProblem(column: columns().id, reason: "is taken by another record, from '\(source)'")
            case .tooEarly(let reason):
                throw FieldProblem(column: columns().createdAt, reason: reason)
            }
        }
    }

    /// In the order in which they were read.
    public var files: [File] = []
    /// Records of the source that none of the files has any more.
    public var missing: [Missing] = []
    /// How many of these were deleted; `nil` where they stay.
    public var deleted: Int?

    /// Records of a kind that are missing in the files.
    public struct Missing: Equatable, Sendable {
        /// Such as `feedback`.
        public var kind: String
        /// How many.
        public var count: Int
    }
}
