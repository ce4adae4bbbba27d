public import Domain
import GRDB
public import Store

extension SQLiteDatabase {
    /// Notes that tokens count no longer.
    public func revoke(_ tokens: RevokedTokens, at now: Instant) throws {
        try write { try RevocationLog.insert(StoredRevocation(tokens, at: now), to: $0, at: now) }
        signal.raise()
    }

    /// What was revoked after the revocation of a number, in order, with the number of the last.
    public func revocations(after number: Int64) throws -> (revoked: [RevokedTokens], last: Int64) {
        try read { db in
            // Revocations are never deleted: a database whose newest has a lower number replaced the one that was read before.
            let newest = try Int64.fetchOne(db, sql: "SELECT max(revocation_id) FROM revocations") ?? 0
            let number = newest < number ? 0 : number
            let found = try RevocationLog.all(db, after: number)
            return (try found.map { try $0.revocation.tokens }, found.last?.number ?? number)
        }
    }
}
