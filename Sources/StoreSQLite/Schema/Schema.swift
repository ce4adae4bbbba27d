import GRDB
import Store

/// The tables, as migrations: a migration that has shipped is never edited.
///
/// Instants are microseconds since 1970 in UTC, days are days since 1970-01-01, compliance is in billionths.
enum Schema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("records") { try $0.execute(sql: records) }
        migrator.registerMigration("results") { try $0.execute(sql: results) }
        migrator.registerMigration("runs") { try $0.execute(sql: runs) }
        migrator.registerMigration("operations") { try $0.execute(sql: operations) }
        migrator.registerMigration("relay") { try $0.execute(sql: relay) }
        migrator.registerMigration("api") { try $0.execute(sql: api) }
        migrator.registerMigration("pages") { db in
            try ResultPages.migrate(db)
            try db.execute(sql: batches)
        }
        migrator.registerMigration("bodies") { db in
            try db.execute(sql: bodies)
            try ResultPages.splitPredictions(db)
        }
        migrator.registerMigration("blocks") { db in
            try db.execute(
                sql: "CREATE TABLE record_blocks (block INTEGER PRIMARY KEY, columns BLOB NOT NULL) STRICT")
            try RecordBlock.addTriggers(db)
        }
        // Nothing refers to deltas, and to look at all that refers to something takes seconds where there is much.
        migrator.registerMigration("outbox", foreignKeyChecks: .immediate) { try $0.execute(sql: outbox) }
        migrator.registerMigration("keys", foreignKeyChecks: .immediate) { try renewKeys($0) }
        migrator.registerMigration("sources", foreignKeyChecks: .immediate) { try $0.execute(sql: sources) }
        migrator.registerMigration("public months", foreignKeyChecks: .immediate) { try $0.execute(sql: publicMonths) }
        migrator.registerMigration("ledger", foreignKeyChecks: .immediate) { try extendAudit($0) }
        migrator.registerMigration("feedback sums", foreignKeyChecks: .immediate) { try $0.execute(sql: feedbackSums) }
        migrator.registerMigration("requester keys", foreignKeyChecks: .immediate) {
            try $0.execute(sql: requesterKeys)
        }
        migrator.registerMigration("general revocations", foreignKeyChecks: .immediate) {
            try $0.execute(sql: generalRevocations)
        }
        migrator.registerMigration("patient view", foreignKeyChecks: .immediate) { try $0.execute(sql: patientView) }
        migrator.registerMigration("released figures", foreignKeyChecks: .immediate) {
            try $0.execute(sql: releasedFigures)
        }
        migrator.registerMigration("outbox epoch", foreignKeyChecks: .immediate) { try $0.execute(sql: outboxEpoch) }
        return migrator
    }
}
