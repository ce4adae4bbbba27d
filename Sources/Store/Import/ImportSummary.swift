/// What came of an import.
public struct ImportSummary: Equatable, Sendable {
    /// What came of one file.
    public struct File: Equatable, Sendable {
        /// The file as the user named it.
        public var path: String
        /// Rows read, rejected ones included.
        public var rows = 0
        /// Records that were new.
        public var inserted = 0
        /// Records that replaced other content.
        public var updated = 0
        /// Records that stood there already.
        public var unchanged = 0
        /// Rows that were refused.
        public var rejected = 0

        /// Counts what came of writing a record, or throws what stood against it.
        ///
        /// - Parameter columns: that of the record's own id, and that of what it refers to.
        mutating func settle(
            _ outcome: WriteOutcome, _ columns: (id: String, parent: String)
        ) throws(FieldProblem) {
            switch outcome {
            case .inserted: inserted += 1
            case .updated: updated += 1
            case .unchanged: unchanged += 1
            case .missingReference:
                throw FieldProblem(column: columns.parent, reason: "refers to nothing that is there")
            case .repeated: throw FieldProblem(column: columns.id, reason: "came before with other content")
            case .foreign(let source):
                throw FieldProblem(column: columns.id, reason: "is taken by another record, from '\(source)'")
            }
        }
    }

    /// In the order in which they were read.
    public var files: [File] = []
}
