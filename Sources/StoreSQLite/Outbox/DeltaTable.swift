import Domain
import GRDB
import Store

/// Appends rows to the outbox, inside one transaction.
final class DeltaTable {
    private let db: GRDB.Database
    private var insert: Statement?

    init(_ db: GRDB.Database) { self.db = db }

    /// The sequence number of the newest delta that was ever committed; 0 where there was none.
    ///
    /// - Throws: `NoFreeNumber` as well, where no later number is left.
    func latestSequence() throws -> Int64 {
        let latest = try OutboxReader(db: db).latestSequence()
        try NoFreeNumber.check(after: latest, in: "deltas")
        return latest
    }

    func append(_ row: DeltaRow) throws {
        let insert =
            try self.insert
            ?? Statement(
                db,
                """
                INSERT INTO deltas (seq, run_id, diagnosis_id, last_diagnosis_id, batch, at, type, data)
                VALUES (?, ?, ?, ?, ?, ?, ?, '')
                """)
        self.insert = insert
        insert.bind(row.sequence, at: 1)
        insert.bind(row.run.rawValue, at: 2)
        insert.bind(row.first.rawValue, at: 3)
        insert.bind(row.last.map { Int($0.rawValue) }, at: 4)
        insert.bind(row.bytes, at: 5)
        insert.bind(row.at, at: 6)
        insert.bind(row.kind.rawValue, at: 7)
        try insert.run()
    }
}
