import Domain
import GRDB

extension SQLiteDatabase {
    /// Follows the audit log from its first entry to its last, and holds the records against it.
    ///
    /// - Parameter noted: an entry and its hash that somebody noted earlier.
    public func auditReport(against noted: (number: Int64, hash: String)?) throws -> AuditReport {
        try read { db in
            var check = AuditCheck(db: db, noted: noted)
            return try check.run()
        }
    }
}

/// Follows the audit log inside one transaction.
private struct AuditCheck {
    /// Problems that are told; where one link is broken, many seem so.
    private static let mostTold = 10

    let db: GRDB.Database
    let noted: (number: Int64, hash: String)?
    private var problems: [String] = []
    private var isNotedFound = false

    init(db: GRDB.Database, noted: (number: Int64, hash: String)?) {
        self.db = db
        self.noted = noted
    }

    mutating func run() throws -> AuditReport {
        let (entries, head) = try followChain()
        // The engine remembers the highest number that it ever gave.
        let last = try Int64.fetchOne(db, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'audit'") ?? 0
        if last > head?.number ?? 0 { tell("entries \((head?.number ?? 0) + 1) to \(last) are missing at the end") }
        if let noted, !isNotedFound { tell("entry \(noted.number) is not there with the hash that was noted") }
        try compareRecords()
        return AuditReport(entries: entries, head: head, problems: problems)
    }

    private mutating func tell(_ problem: String) {
        if problems.count < Self.mostTold { problems.append(problem) }
    }

    private mutating func followChain() throws -> (entries: Int, head: (number: Int64, hash: String)?) {
        let statement = try Statement(
            db,
            """
            SELECT audit_id, at, subject, role, request, action, record_id, before, after, hash FROM audit
            ORDER BY audit_id
            """)
        var head: (number: Int64, hash: String)?
        var entries = 0
        while try statement.step() {
            let number = statement.int64(0)
            let entry = AuditEntry(
                at: Instant(microseconds: statement.int64(1)), subject: statement.text(2) ?? "",
                role: statement.text(3) ?? "", request: statement.text(4) ?? "", action: statement.text(5) ?? "",
                record: statement.int64(6), before: statement.text(7), after: statement.text(8) ?? "")
            let hash = statement.text(9) ?? ""
            let expected = (head?.number ?? 0) + 1
            if number != expected { tell(missing(expected, before: number)) }
            if entry.hash(after: head?.hash ?? "") != hash, number == expected {
                tell("entry \(number) (\(entry.action) \(entry.record)) was changed, or the one before it")
            }
            if number == noted?.number { isNotedFound = hash == noted?.hash }
            head = (number, hash)
            entries += 1
        }
        return (entries, head)
    }

    private func missing(_ first: Int64, before number: Int64) -> String {
        guard first < number else { return "entry \(number) has a number that none can have" }
        return first == number - 1 ? "entry \(first) is missing" : "entries \(first) to \(number - 1) are missing"
    }

    /// Each record that the API wrote last stands as its newest entry says.
    private mutating func compareRecords() throws {
        try compare(Patient.self)
        try compare(Diagnosis.self)
        try compare(Recommendation.self)
        try compare(Feedback.self)
    }

    private mutating func compare<Record: AuditedRecord>(_ type: Record.Type) throws {
        let (table, key) = Record.table
        let (columns, joins) = Record.selection
        let statement = try Statement(
            db,
            """
            SELECT \(columns), t.\(key), a.after FROM \(table) t
            JOIN imports i ON i.import_id = t.import_id AND i.source = ? \(joins)
            LEFT JOIN (
                SELECT record_id, max(audit_id) AS newest FROM audit WHERE action LIKE ? GROUP BY record_id
            ) l ON l.record_id = t.\(key)
            LEFT JOIN audit a ON a.audit_id = l.newest
            ORDER BY t.\(key)
            """)
        statement.bind(OrderRecords.source, at: 1)
        statement.bind("\(Record.kind).%", at: 2)
        let last = statement.columnCount - 1
        while try statement.step() {
            let id = statement.int64(last - 1)
            guard let after = statement.text(last) else {
                tell("\(Record.kind) \(id) was written past the log")
                continue
            }
            if Record(id: Identifier(rawValue: id), known: statement)?.auditText != after {
                tell("\(Record.kind) \(id) is not as its newest entry says")
            }
        }
    }
}
