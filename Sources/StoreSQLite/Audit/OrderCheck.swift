import Domain
import GRDB
import Store

/// Compares the records that the API wrote last with their newest entries, from the records to the entries and back.
struct OrderCheck {
    let db: GRDB.Database

    func run(_ report: inout AuditReport) throws {
        try compare(Patient.self, &report)
        try compare(Diagnosis.self, &report)
        try compare(Recommendation.self, &report)
        try compare(Feedback.self, &report)
        try compareAuthors(&report)
    }

    /// The newest entry of each record of a kind, as a table `l` of `record_id` and `newest`.
    private static let newest = """
        (SELECT record_id, max(audit_id) AS newest FROM audit WHERE action LIKE ? GROUP BY record_id) l
        """

    private func compare<Record: StoredRecord>(_ type: Record.Type, _ report: inout AuditReport) throws {
        let (table, key) = Record.table
        let (columns, joins) = Record.selection
        let statement = try Statement(
            db,
            """
            SELECT \(columns), t.import_id, a.import_id, t.\(key), a.after FROM \(table) t
            JOIN imports i ON i.import_id = t.import_id AND i.source = ? \(joins)
            LEFT JOIN \(Self.newest) ON l.record_id = t.\(key)
            LEFT JOIN audit a ON a.audit_id = l.newest
            ORDER BY t.\(key)
            """)
        statement.bind(OrderRecords.source, at: 1)
        statement.bind("\(Record.kind).%", at: 2)
        let last = statement.columnCount - 1
        while try statement.step() {
            let id = statement.int64(last - 1)
            guard let after = statement.text(last) else {
                report.add("\(Record.kind) \(id) was written past the log")
                continue
            }
            if Record(id: Identifier(rawValue: id), known: statement)?.auditText != after {
                report.add("\(Record.kind) \(id) is not as its newest entry says")
            }
            if !statement.isNull(last - 2), statement.int64(last - 2) != statement.int64(last - 3) {
                report.add(
                    "\(Record.kind) \(id) belongs to import \(statement.int64(last - 3)), and to "
                        + "\(statement.int64(last - 2)) as its newest entry says")
            }
        }
        try findMissing(Record.self, &report)
    }

    /// Records that have an entry and are not there, or pass for imported.
    private func findMissing<Record: StoredRecord>(_ type: Record.Type, _ report: inout AuditReport) throws {
        let (table, key) = Record.table
        let statement = try Statement(
            db,
            """
            SELECT l.record_id, l.newest, t.\(key), i.source FROM \(Self.newest)
            LEFT JOIN \(table) t ON t.\(key) = l.record_id
            LEFT JOIN imports i ON i.import_id = t.import_id
            WHERE i.source IS NULL OR i.source <> ? ORDER BY l.record_id
            """)
        statement.bind("\(Record.kind).%", at: 1)
        statement.bind(OrderRecords.source, at: 2)
        while try statement.step() {
            let record = "\(Record.kind) \(statement.int64(0))"
            let entry = "entry \(statement.int64(1))"
            if statement.isNull(2) {
                report.add("\(record) is not there, though \(entry) says that it was written")
            } else if let source = statement.text(3) {
                report.add("\(record) passes for imported from '\(source)', though \(entry) says that the API wrote it")
            } else {
                report.add("\(record) belongs to an import that is not there")
            }
        }
    }

    /// The author of a feedback is the subject of the entry by which it was given.
    private func compareAuthors(_ report: inout AuditReport) throws {
        let given = try Statement(
            db,
            """
            SELECT a.record_id, a.audit_id FROM audit a LEFT JOIN feedback_authors f ON f.feedback_id = a.record_id
            WHERE a.action = 'feedback.submit' AND f.subject IS NOT a.subject ORDER BY a.audit_id
            """)
        while try given.step() {
            report.add("the author of feedback \(given.int64(0)) is not the one that entry \(given.int64(1)) names")
        }
        let others = try Statement(
            db,
            """
            SELECT feedback_id FROM feedback_authors
            WHERE feedback_id NOT IN (SELECT record_id FROM audit WHERE action = 'feedback.submit') ORDER BY 1
            """)
        while try others.step() { report.add("the author of feedback \(others.int64(0)) has no entry") }
    }
}
