import Domain
import GRDB
import Store

/// What restoring a backup did with revocations that are newer than the backup.
public enum RestoredRevocations: Equatable, Sendable {
    /// Those of the replaced database were kept: how many the backup did not have.
    case kept(Int)
    /// They are not known, since there was no database, or it could not be read: all tokens issued until then are revoked.
    case everyone
}

/// The revocations of a database that is to be replaced by its backup.
struct ReplacedRevocations {
    private let revocations: [StoredRevocation]
    /// The highest number that was ever given.
    private let last: Int64

    /// Reads the revocations of a database that nobody else has open.
    ///
    /// - Throws: `DatabaseError`, also where their table is damaged or missing.
    init(ofDatabaseAt path: String) throws {
        var configuration = Configuration()
        configuration.readonly = true
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        defer { try? queue.close() }  // it was only read
        (revocations, last) = try queue.read { db in
            guard try String.fetchAll(db, sql: "PRAGMA integrity_check('revocations')") == ["ok"] else {
                throw DatabaseError.unknown("revocations")
            }
            let found = try RevocationLog.all(db)
            return (found.map(\.revocation), try Self.last(db))
        }
        // A row that means nothing may have meant something.
        for revocation in revocations { _ = try revocation.tokens }
    }

    private static func last(_ db: GRDB.Database) throws -> Int64 {
        let sql = """
            SELECT max(coalesce((SELECT max(revocation_id) FROM revocations), 0),
                coalesce((SELECT max(seq) FROM sqlite_sequence WHERE name = 'revocations'), 0))
            """
        return try Int64.fetchOne(db, sql: sql) ?? 0
    }

    /// Inserts revocations that are not in a restored file into it.
    ///
    /// - Parameters:
    ///   - replaced: those of the replaced database; `nil` where they are not known.
    ///   - queue: the file, which nobody else has open. Where something is inserted, its schema is brought up to date.
    static func union(
        of replaced: ReplacedRevocations?, with queue: DatabaseQueue, at now: Instant
    ) throws -> RestoredRevocations {
        var missing: [StoredRevocation] = []
        if let replaced {
            missing = try queue.read { db in
                guard try db.tableExists("revocations") else { return replaced.revocations }
                let known = Set(try RevocationLog.all(db).map(\.revocation))
                return replaced.revocations.filter { !known.contains($0) }
            }
            guard !missing.isEmpty else { return .kept(0) }
        } else {
            missing = [StoredRevocation(.everyone(issuedUntil: now), at: now)]
        }
        try Schema.migrator.migrate(queue)
        try queue.write { db in
            // Relays ask for what has a higher number than the last they know: where that is not known, one that no count of
            // revocations can have reached.
            var number = try max(Self.last(db), replaced?.last ?? now.microseconds) + 1
            for revocation in missing {
                try RevocationLog.insert(revocation, as: number, to: db, at: now)
                number += 1
            }
        }
        return replaced == nil ? .everyone : .kept(missing.count)
    }
}
