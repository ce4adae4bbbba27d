public import Domain
import GRDB
public import Store

extension SQLiteDatabase {
    /// Runs `body` in one transaction with a writer for the records of `source`.
    public func importRecords<Value>(
        from source: String, at now: Instant, firstNumber: Int64, _ body: (any RecordWriter) throws -> Value
    ) throws -> Value {
        guard source != OrderRecords.source else { throw StoreError.reservedSource(source) }
        return try write { db in
            let writer = try SQLiteRecordWriter(db, source: source, now: now, firstNumber: firstNumber)
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
    private let keys: SourceKeys
    private let birthYears: BirthYears
    /// Records that replaced other content, by kind.
    private var updated: [String: Int] = [:]
    private var inserted: [String: Int] = [:]
    /// The row of `imports` that written records point to; made with the first of them.
    private var importID: Int64?
    private var hasWritten = false
    private var hasRejected = false
    /// Counts and hashes what is written, for the audit log.
    private let ledger = ImportLedger()
    private let markSeen: Statement
    private let patients: RecordTable<Patient>
    private let diagnoses: RecordTable<Diagnosis>
    private let recommendations: RecordTable<Recommendation>
    private let feedback: RecordTable<Feedback>
    /// The statements that make the indexes and triggers anew that a first import does without.
    private var indexes: [String] = []

    init(_ db: GRDB.Database, source: String, now: Instant, firstNumber: Int64) throws {
        self.db = db
        self.source = source
        self.now = now
        names = try NameTable(db)
        keys = try SourceKeys(db, source: source, first: firstNumber)
        birthYears = try BirthYears(db)
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
    /// copies or sums for triggers to take away.
    private func dropIndexesOfFirstImport() throws {
        guard try Bool.fetchOne(db, sql: "SELECT NOT EXISTS (SELECT 1 FROM patients)") ?? false else { return }
        let rows = try GRDB.Row.fetchAll(
            db,
            sql: """
                SELECT type, name, sql FROM sqlite_schema WHERE type IN ('index', 'trigger') AND sql IS NOT NULL
                    AND tbl_name IN ('patients', 'diagnoses', 'recommendations', 'feedback', 'feedback_notes')
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
        guard let importID else { return }
        if hasWritten || hasRejected {
            try ledger.append(to: db, importID: importID, at: now)
        } else {
            try db.execute(sql: "DELETE FROM imports WHERE import_id = ?", arguments: [importID])
        }
    }

    func write(_ batch: [BatchRecord]) throws -> [WriteOutcome?] {
        var refusedRow: Int?
        return try batch.map { entry in
            guard entry.row != refusedRow else { return nil }
            let outcome = try write(entry)
            if !outcome.isStored { refusedRow = entry.row }
            return outcome
        }
    }

    private func write(_ entry: BatchRecord) throws -> WriteOutcome {
        switch entry.record {
        case .patient(let patient):
            try write(patient, patients) { known in
                guard entry.refinesBirthYear else { return false }
                var known = known
                known.birthYear = patient.birthYear
                return known == patient
            }
        case .diagnosis(let diagnosis): try write(diagnosis, diagnoses)
        case .recommendation(let recommendation): try write(recommendation, recommendations)
        case .feedback(let feedback): try write(feedback, self.feedback)
        }
    }

    /// - Parameter refines: whether the record narrows a known one, which the same import may do.
    private func write<Record: StoredRecord>(
        _ record: Record, _ table: RecordTable<Record>, refines: (Record) -> Bool = { _ in false }
    ) throws -> WriteOutcome {
        let importID = try self.importID ?? beginImport()
        switch try table.insert(record, names: names, importID: importID) {
        case nil:
            hasWritten = true
            inserted[Record.kind, default: 0] += 1
            ledger.add(record)
            return .inserted
        case ResultCode.SQLITE_CONSTRAINT_FOREIGNKEY: return .missingReference
        case ResultCode.SQLITE_CONSTRAINT_NOTNULL: return .tooEarly(reason: Record.tooEarly)
        default: return try meet(record, table, importID: importID, refines)
        }
    }

    /// The id is taken: by this import, by an earlier one of this source, or by another source.
    private func meet<Record: StoredRecord>(
        _ record: Record, _ table: RecordTable<Record>, importID: Int64, _ refines: (Record) -> Bool
    ) throws -> WriteOutcome {
        guard let known = try table.known(record.id) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a \(Record.kind) is there and is not")
        }
        if known.record == record {
            if known.importID != importID { try markSeen(Record.kind, record.id.rawValue) }
            return .unchanged
        }
        let isRefined = refines(known.record)
        let isOurs = try known.importID == importID || isSeen(Record.kind, record.id.rawValue)
        if isOurs, !isRefined { return .repeated(fields: record.fieldsThatDiffer(from: known.record)) }
        if known.source != source { return .foreign(source: known.source) }
        switch try table.update(record, names: names, importID: importID) {
        case nil: break
        case ResultCode.SQLITE_CONSTRAINT_NOTNULL: return .tooEarly(reason: Record.tooEarly)
        default: return .missingReference
        }
        hasWritten = true
        ledger.remove(known.record, of: known.importID)
        ledger.add(record)
        if isOurs { return .unchanged }
        updated[Record.kind, default: 0] += 1
        return .updated
    }

    // MARK: Keys and birth years

    func number(of key: RecordKey, kind: RecordKind) throws -> Int64? { try keys.number(of: key, kind: kind) }

    func giveNumber(_ number: Int64?, to key: RecordKey, kind: RecordKind) throws -> Int64 {
        try keys.give(number, to: key, kind: kind)
    }

    var hasUnkeyedRecords: Bool { keys.hasUnkeyedRecords }

    func isStored(_ record: Feedback) throws -> Bool {
        guard let known = try feedback.known(record.id) else { return false }
        return known.record == record && known.source == source
    }

    func birthYear(
        of patient: PatientID, in years: ClosedRange<Int>, preferring year: Int
    ) throws -> (year: Int, isContradicted: Bool) {
        try birthYears.narrow(patient, to: years, preferring: year)
    }

    // MARK: The end

    func settle(
        deletesMissing: Bool, allowsChanges: Bool
    ) throws -> (records: [(kind: String, count: Int)], deleted: Int) {
        // Where an index is missing, this would look through the whole table for each record.
        for index in indexes { try db.execute(sql: index) }
        indexes = []
        let importID = try self.importID ?? beginImport()
        let settlement = ImportSettlement(db: db, source: source, importID: importID)
        if !updated.isEmpty { try settlement.refuseImpossible() }
        if !allowsChanges { try settlement.refuseUnusual(updated: updated, inserted: inserted) }
        let missing = try settlement.findMissing()
        guard deletesMissing, !missing.isEmpty else { return (missing, 0) }
        if !allowsChanges { try settlement.refuseUnusual(deleted: missing, inserted: inserted) }
        let deleted = try ledger.noteDeletions(in: db) { try settlement.deleteMissing() }
        if deleted > 0 { hasWritten = true }
        return (missing, deleted)
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
        let number = try ImportRow.begin(db, source: source, at: now, hasKeys: true)
        importID = number
        return number
    }
}
