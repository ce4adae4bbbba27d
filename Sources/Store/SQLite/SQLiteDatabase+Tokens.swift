public import Domain
import GRDB

extension SQLiteDatabase {
    /// Notes that tokens count no longer.
    public func revoke(_ tokens: RevokedTokens, at now: Instant) throws {
        let (jti, subject, until): (String?, String?, Int64?) =
            switch tokens {
            case .token(let id): (id, nil, nil)
            case .subject(let subject, let until): (nil, subject, until.microseconds)
            }
        try write { db in
            try db.execute(
                sql: "INSERT INTO revocations (jti, subject, issued_until, at) VALUES (?, ?, ?, ?)",
                arguments: [jti, subject, until, now.microseconds])
            try RevocationLog.append(db.lastInsertedRowID, to: db, at: now)
        }
        signal.raise()
    }

    /// What was revoked after the revocation of a number, in order, with the number of the last.
    public func revocations(after number: Int64) throws -> (revoked: [RevokedTokens], last: Int64) {
        try read { db in
            let rows = try GRDB.Row.fetchAll(
                db, sql: "SELECT * FROM revocations WHERE revocation_id > ? ORDER BY revocation_id",
                arguments: [number])
            let revoked = try rows.compactMap { row -> RevokedTokens? in
                if let id: String = try row.known("jti") { return .token(id: id) }
                guard let subject: String = try row.known("subject") else { return nil }
                return .subject(subject, issuedUntil: try row.instant("issued_until"))
            }
            return (revoked, try rows.last?.known("revocation_id") ?? number)
        }
    }
}
