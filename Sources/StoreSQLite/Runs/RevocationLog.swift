import Domain
import Foundation
import GRDB
import Store

/// A row of the table of revocations: of one token, of a subject, or, without both, of everyone.
struct StoredRevocation: Hashable {
    var jti: String?
    var subject: String?
    /// In microseconds since 1970, as `at`.
    var issuedUntil: Int64?
    var at: Int64

    /// Reads the columns of `RevocationLog.selection`.
    init(row: Statement) {
        jti = row.text(1)
        subject = row.text(2)
        issuedUntil = row.optional(3) { row.int64($0) }
        at = row.int64(4)
    }

    init(_ tokens: RevokedTokens, at now: Instant) {
        at = now.microseconds
        switch tokens {
        case .token(let id): jti = id
        case .subject(let name, let until):
            subject = name
            issuedUntil = until.microseconds
        case .everyone(let until): issuedUntil = until.microseconds
        }
    }

    /// What is revoked.
    ///
    /// - Throws: `DatabaseError` where no version of this program writes such a row.
    var tokens: RevokedTokens {
        get throws {
            if let jti { return .token(id: jti) }
            guard let until = issuedUntil.flatMap(Instant.init(stored:)) else {
                throw DatabaseError.unknown("revocations.issued_until")
            }
            return subject.map { .subject($0, issuedUntil: until) } ?? .everyone(issuedUntil: until)
        }
    }
}

/// Revocations as the audit log notes them.
enum RevocationLog {
    static let action = "token.revoke"

    /// Appends the entry of a revocation that was inserted in this transaction.
    static func append(_ number: Int64, to db: GRDB.Database, at now: Instant) throws {
        let rows = try selection(db, where: "revocation_id = ?")
        rows.bind(number, at: 1)
        guard try rows.step() else { throw DatabaseError.unknown("revocations") }
        let text = try text(rows)
        rows.reset()
        var chain = try AuditChain(db)
        try chain.append(
            AuditEntry(
                at: now, subject: "", role: "operator", request: "", action: action, record: number, before: nil,
                after: text))
    }

    /// Inserts a revocation with its entry.
    ///
    /// - Parameter number: its number; `nil` for the next.
    static func insert(
        _ revocation: StoredRevocation, as number: Int64? = nil, to db: GRDB.Database, at now: Instant
    ) throws {
        let insert = try Statement(
            db, "INSERT INTO revocations (revocation_id, jti, subject, issued_until, at) VALUES (?, ?, ?, ?, ?)")
        insert.bind(number.map { Int($0) }, at: 1)
        insert.bind(revocation.jti, at: 2)
        insert.bind(revocation.subject, at: 3)
        insert.bind(revocation.issuedUntil.map { Int($0) }, at: 4)
        insert.bind(revocation.at, at: 5)
        try insert.run()
        try append(db.lastInsertedRowID, to: db, at: now)
    }

    /// The revocations with a higher number than one, in order.
    static func all(
        _ db: GRDB.Database, after number: Int64 = .min
    ) throws -> [(number: Int64, revocation: StoredRevocation)] {
        let rows = try selection(db, where: "revocation_id > ?")
        rows.bind(number, at: 1)
        var found: [(number: Int64, revocation: StoredRevocation)] = []
        while try rows.step() { found.append((rows.int64(0), StoredRevocation(row: rows))) }
        return found
    }

    /// Reads revocations: the number, and what `text` needs.
    static func selection(_ db: GRDB.Database, where condition: String) throws -> Statement {
        try Statement(
            db,
            "SELECT revocation_id, jti, subject, issued_until, at FROM revocations WHERE \(condition) ORDER BY revocation_id"
        )
    }

    /// What the entry says of the revocation in a row.
    static func text(_ row: Statement) throws -> String {
        try AuditJSON.text(
            Content(
                jti: row.text(1), subject: row.text(2), issuedUntil: row.optional(3) { row.int64($0) },
                at: row.int64(4)))
    }

    private struct Content: Encodable {
        var jti: String?
        var subject: String?
        /// In microseconds since 1970, as `at`.
        var issuedUntil: Int64?
        var at: Int64

        enum CodingKeys: String, CodingKey {
            case jti, subject, at
            case issuedUntil = "issued_until"
        }
    }
}
