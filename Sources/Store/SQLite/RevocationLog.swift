import Domain
import Foundation
import GRDB

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
