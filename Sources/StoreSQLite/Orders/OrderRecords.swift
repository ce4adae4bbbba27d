import Domain
import GRDB
import Store

/// The records that orders write and read, inside one transaction.
///
/// Whoever undoes part of the transaction makes a new one, since this remembers names and numbers.
final class OrderRecords {
    /// The source of what comes through the API.
    static let source = "api"

    private let db: GRDB.Database
    private let now: Instant
    private let names: NameTable
    private lazy var importID = Result { try beginImport() }
    private var tables: [String: AnyObject] = [:]
    private var freeIDs: [String: FreeNumbers] = [:]

    init(_ db: GRDB.Database, now: Instant) throws {
        self.db = db
        self.now = now
        names = try NameTable(db)
    }

    private func table<Record: StoredRecord>(of type: Record.Type) throws -> RecordTable<Record> {
        if let known = tables[Record.kind] as? RecordTable<Record> { return known }
        let table = try RecordTable<Record>(db)
        tables[Record.kind] = table
        return table
    }

    private func beginImport() throws -> Int64 { try ImportRow.begin(db, source: Self.source, at: now, hasKeys: false) }

    /// The next number that is free.
    func nextID<Record: StoredRecord>(_ type: Record.Type) throws -> Identifier<Record.Kind> {
        Identifier(
            rawValue: try freeIDs[Record.table.name, default: FreeNumbers(db, in: [Record.table])].take())
    }

    /// The import that what is written now belongs to.
    func currentImport() throws -> Int64 { try importID.get() }

    /// - Returns: the constraint that stood against it; `nil` where it was written.
    func insert<Record: StoredRecord>(_ record: Record) throws -> ResultCode? {
        freeIDs[Record.table.name]?.note(record.id.rawValue)
        return try table(of: Record.self).insert(record, names: names, importID: try importID.get())
    }

    /// - Returns: the constraint that stood against it; `nil` where it was written.
    func update(_ feedback: Feedback) throws -> ResultCode? {
        try table(of: Feedback.self).update(feedback, names: names, importID: try importID.get())
    }

    /// What stands under the number of a record.
    func known<Record: StoredRecord>(_ record: Record) throws -> Record? {
        try table(of: Record.self).known(record.id)?.record
    }

    /// A feedback, and which import of which source wrote it.
    func feedback(_ id: FeedbackID) throws -> (record: Feedback, importID: Int64, source: String)? {
        try table(of: Feedback.self).known(id)
    }

    // MARK: Authors

    // By statements of our own: those of GRDB cut a text at its first U+0000.

    func noteAuthor(_ subject: String, of feedback: FeedbackID) throws {
        let insert = try Statement(db, "INSERT INTO feedback_authors (feedback_id, subject) VALUES (?, ?)")
        insert.bind(feedback.rawValue, at: 1)
        insert.bind(subject, at: 2)
        try insert.run()
    }

    /// Who gave a feedback; `nil` where it was imported.
    func author(of feedback: FeedbackID) throws -> String? {
        let select = try Statement(db, "SELECT subject FROM feedback_authors WHERE feedback_id = ?")
        select.bind(feedback.rawValue, at: 1)
        return try select.step() ? select.text(0) : nil
    }
}
