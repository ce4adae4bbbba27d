public import Domain
import GRDB

extension SQLiteDatabase {
    /// Runs `body` in one transaction with a writer for the records of `source`.
    public func importRecords<Value>(
        from source: String, at now: Instant, _ body: (any RecordWriter) throws -> Value
    ) throws -> Value {
        try write { db in
            let writer = try SQLiteRecordWriter(db, source: source, now: now)
            let value = try body(writer)
            try writer.finish()
            return value
        }
    }
}

/// Writes records with one statement each; what stands under an id already is looked at only where an insert meets it.
private final class SQLiteRecordWriter: RecordWriter {
    private let db: GRDB.Database
    private let source: String
    private let now: Instant
    private let names: NameTable
    /// The row of `imports` that written records point to; made with the first of them.
    private var importID: Int64?
    private var hasWritten = false
    private var hasRejected = false
    private let markSeen: Statement
    private let patients: RecordTable<Patient>
    private let diagnoses: RecordTable<Diagnosis>
    private let recommendations: RecordTable<Recommendation>
    private let feedback: RecordTable<Feedback>
    /// The statements that make the indexes and triggers anew that a first import does without.
    private var indexes: [String] = []

    init(_ db: GRDB.Database, source: String, now: Instant) throws {
        self.db = db
        self.source = source
        self.now = now
        names = try NameTable(db)
        // Records that an earlier import wrote and that came again unchanged, to notice if they come a third time.
        try db.execute(
            sql: """
                DROP TABLE IF EXISTS temp.seen;
                CREATE TEMP TABLE seen (
                    kind TEXT NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (kind, id)
                ) STRICT, WITHOUT ROWID
                """)
        markSeen = try Statement(db, "INSERT INTO temp.seen (kind, id) VALUES (?, ?) ON CONFLICT DO NOTHING")
        patients = try RecordTable(db)
        diagnoses = try RecordTable(db)
        recommendations = try RecordTable(db)
        feedback = try RecordTable(db)
        try dropIndexesOfFirstImport()
    }

    /// Where there is nothing yet, indexes are made faster of all rows at the end than of each as it comes, and there are no
    /// copies for triggers to take away.
    private func dropIndexesOfFirstImport() throws {
        guard try Bool.fetchOne(db, sql: "SELECT NOT EXISTS (SELECT 1 FROM patients)") ?? false else { return }
        let rows = try GRDB.Row.fetchAll(
            db,
            sql: """
                SELECT type, name, sql FROM sqlite_schema WHERE type IN ('index', 'trigger') AND sql IS NOT NULL
                    AND tbl_name IN ('patients', 'diagnoses', 'recommendations', 'feedback')
                """)
        for row in rows {
            try db.execute(sql: "DROP \(row["type"] as String) \(row["name"] as String)")
            indexes.append(row["sql"])
        }
    }

    func noteRejected(_ count: Int) throws {
        guard count > 0 else { return }
        hasRejected = true
        try db.execute(
            sql: "UPDATE imports SET rejected = ? WHERE import_id = ?",
            arguments: [count, try importID ?? beginImport()])
    }

    /// An import that changed nothing and left nothing out leaves no row of its own.
    func finish() throws {
        for index in indexes { try db.execute(sql: index) }
        if let importID, !hasWritten, !hasRejected {
            try db.execute(sql: "DELETE FROM imports WHERE import_id = ?", arguments: [importID])
        }
    }

    func write(_ patient: Patient) throws -> WriteOutcome { try write(patient, patients) }
    func write(_ diagnosis: Diagnosis) throws -> WriteOutcome { try write(diagnosis, diagnoses) }
    func write(_ recommendation: Recommendation) throws -> WriteOutcome { try write(recommendation, recommendations) }
    func write(_ feedback: Feedback) throws -> WriteOutcome { try write(feedback, self.feedback) }

    private func write<Record: StoredRecord>(_ record: Record, _ table: RecordTable<Record>) throws -> WriteOutcome {
        let importID = try self.importID ?? beginImport()
        switch try table.insert(record, names: names, importID: importID) {
        case nil:
            hasWritten = true
            return .inserted
        case ResultCode.SQLITE_CONSTRAINT_FOREIGNKEY: return .missingReference
        default: return try meet(record, table, importID: importID)
        }
    }

    /// The id is taken: by this import, by an earlier one of this source, or by another source.
    private func meet<Record: StoredRecord>(
        _ record: Record, _ table: RecordTable<Record>, importID: Int64
    ) throws -> WriteOutcome {
        guard let known = try table.known(record.id) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a \(Record.kind) is there and is not")
        }
        if known.record == record {
            if known.importID != importID { try markSeen(Record.kind, record.id.rawValue) }
            return .unchanged
        }
        if known.importID == importID { return .repeated }
        if try isSeen(Record.kind, record.id.rawValue) { return .repeated }
        if known.source != source { return .foreign(source: known.source) }
        guard try table.update(record, names: names, importID: importID) == nil else { return .missingReference }
        hasWritten = true
        return .updated
    }

    private func markSeen(_ kind: String, _ id: Int64) throws {
        markSeen.bind(kind, at: 1)
        markSeen.bind(id, at: 2)
        try markSeen.run()
    }

    private func isSeen(_ kind: String, _ id: Int64) throws -> Bool {
        try Bool.fetchOne(
            db, sql: "SELECT EXISTS (SELECT 1 FROM temp.seen WHERE kind = ? AND id = ?)", arguments: [kind, id])
            ?? false
    }

    private func beginImport() throws -> Int64 {
        try db.execute(
            sql: "INSERT INTO imports (source, started_at) VALUES (?, ?)", arguments: [source, now.microseconds])
        importID = db.lastInsertedRowID
        return db.lastInsertedRowID
    }
}
