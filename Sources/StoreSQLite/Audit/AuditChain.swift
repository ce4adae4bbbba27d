import Domain
import GRDB
import Store

/// The audit log: an entry for each write through the API, each broadcast, each import and each revocation, bound to the entry
/// before it by its hash.
///
/// A hash is the SHA-256 of the hash before it and of all fields of its entry, each after its length, so that no two
/// entries hash the same text.
struct AuditChain {
    private let newest: Statement
    private let insert: Statement
    /// The hash of the newest entry; empty where there is none.
    private var hash = ""

    /// The log as it is in the transaction that a connection has open.
    init(_ db: GRDB.Database) throws {
        guard let connection = db.sqliteConnection else {
            throw DatabaseError(resultCode: .SQLITE_MISUSE, message: "the connection is closed")
        }
        try self.init(on: connection)
        try begin()
    }

    /// The log on a connection; `begin` is to be called in each transaction before `append`.
    init(on connection: OpaquePointer) throws {
        newest = try Statement(on: connection, "SELECT hash, audit_id FROM audit ORDER BY audit_id DESC LIMIT 1")
        // By a statement of our own: those of GRDB cut a text at its first U+0000, and the hash would be of another text.
        insert = try Statement(
            on: connection,
            """
            INSERT INTO audit (at, subject, role, request, action, record_id, before, after, import_id, displaced, hash)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
    }

    /// Reads the hash of the newest entry, which other connections may have appended. The transaction must hold the write
    /// lock, so that none is appended until it ends.
    mutating func begin() throws {
        defer { newest.reset() }
        hash = ""
        guard try newest.step() else { return }
        try NoFreeNumber.check(after: newest.int64(1), in: "audit")
        hash = newest.text(0) ?? ""
    }

    mutating func append(_ entry: AuditEntry) throws {
        hash = entry.hash(after: hash)
        insert.bind(entry.at, at: 1)
        insert.bind(entry.subject, at: 2)
        insert.bind(entry.role, at: 3)
        insert.bind(entry.request, at: 4)
        insert.bind(entry.action, at: 5)
        insert.bind(entry.record, at: 6)
        insert.bind(entry.before, at: 7)
        insert.bind(entry.after, at: 8)
        insert.bind(entry.importID.map(Int.init), at: 9)
        insert.bind(entry.displaced, at: 10)
        insert.bind(hash, at: 11)
        try insert.run()
    }
}

extension AuditEntry {
    /// Reads an entry from columns in the order of `columns`.
    init(row: Statement) {
        self.init(
            at: Instant(microseconds: row.int64(1)), subject: row.text(2) ?? "", role: row.text(3) ?? "",
            request: row.text(4) ?? "", action: row.text(5) ?? "", record: row.int64(6), before: row.text(7),
            after: row.text(8) ?? "", importID: row.optional(10) { row.int64($0) }, displaced: row.text(11))
    }

    /// The number and the hash of an entry are in columns 0 and 9.
    static let columns = """
        audit_id, at, subject, role, request, action, record_id, before, after, hash, import_id, displaced
        """
}
