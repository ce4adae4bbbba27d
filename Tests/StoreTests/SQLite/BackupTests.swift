import Configuration
import Domain
import Foundation
import GRDB
import Testing
import TestSupport

@testable import Store
@testable import StoreSQLite

@Suite(.timeLimit(.minutes(30))) struct BackupTests {
    private let folder: TemporaryFolder
    private let backup: URL

    init() throws {
        folder = try TemporaryFolder()
        backup = folder.url.appending(path: "backup/clinic.backup")
    }

    private func database(_ name: String, seed: Int) throws -> SQLiteDatabase {
        let database = try SQLiteDatabase(path: folder.path(name), create: true)
        try TestClinic.random(seed, patients: 20, recommendations: 60, feedback: 300, until: day("2026-10-20"))
            .write(to: database)
        return database
    }

    /// All that a file holds but the epoch of its outbox, as lines of SQL in any order: VACUUM reorders the schema.
    ///
    /// - Parameter tables: the tables, as a pattern; all by default.
    private func dump(_ path: String, _ tables: String = "") async throws -> String {
        let run = try await CommandRun.shell(
            "sqlite3 '\(path)' '.dump \(tables)' | grep -v '^INSERT INTO outbox_epoch' | sort", in: folder)
        #expect(run.status == 0, "\(run.errors)")
        return run.output
    }

    private let noon = instant("2026-10-20T12:00:00Z")

    @discardableResult
    private func restore(
        _ name: String, from file: URL? = nil, replace: Bool = true
    ) throws -> RestoredRevocations {
        try restoreDatabase(at: folder.path(name), from: file ?? backup, replace: replace, at: noon)
    }

    @Test("a restore draws another epoch of the outbox, and nothing else does") func epochs() throws {
        let first = try database("a.db", seed: 1)
        let epoch = try first.outboxEpoch()
        #expect(try database("b.db", seed: 1).outboxEpoch() != epoch)
        try first.backUp(to: backup, replace: false)
        #expect(try SQLiteDatabase(path: folder.path("a.db"), create: false).outboxEpoch() == epoch)
        try restore("c.db")
        let restored = try SQLiteDatabase(path: folder.path("c.db"), create: false).outboxEpoch()
        try restore("c.db")
        let again = try SQLiteDatabase(path: folder.path("c.db"), create: false).outboxEpoch()
        #expect(Set([epoch, restored, again]).count == 3)
        #expect(try first.outboxEpoch() == epoch)
    }

    @Test func aBackupHoldsWhatWasCommittedWhileOthersWrite() async throws {
        let database = try database("a.db", seed: 1)
        let before = try await dump(folder.path("a.db"))
        let other = try DatabaseQueue(path: folder.path("a.db"))
        try other.inDatabase { db in
            try db.execute(sql: "BEGIN IMMEDIATE; DELETE FROM feedback")
            try database.backUp(to: backup, replace: false)
            try db.execute(sql: "COMMIT")
        }
        #expect(try await dump(backup.path) == before)
        #expect(try await dump(folder.path("a.db")) != before)
        let rights = try FileManager.default.attributesOfItem(atPath: backup.path)[.posixPermissions] as? Int
        #expect(rights == 0o600)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path("backup")) == ["clinic.backup"])
    }

    @Test func restoringGivesBackWhatWasThere() async throws {
        try database("a.db", seed: 1).backUp(to: backup, replace: false)
        let kept = try await dump(backup.path)
        #expect(throws: StoreError.exists(location: folder.path("a.db"))) {
            try restore("a.db", replace: false)
        }
        // Another database, whose revocations are known.
        _ = try database("new.db", seed: 3)
        #expect(try restore("new.db") == .kept(0))
        #expect(try await dump(folder.path("new.db")) == kept)
        #expect(try restore("new.db") == .kept(0))
        #expect(try await dump(folder.path("new.db")) == kept)

        // Another database, with a log that is not its file's yet.
        var another: SQLiteDatabase? = try database("b.db", seed: 2)
        #expect(try another?.recordCounts().feedback == 300)
        #expect(throws: StoreError.self) {  // it is in use
            try restore("b.db")
        }
        #expect(try another?.recordCounts().feedback == 300)
        another = nil
        try restore("b.db")
        #expect(try await dump(folder.path("b.db")) == kept)
        #expect(try SQLiteDatabase(path: folder.path("b.db"), create: false).recordCounts().patients == 20)
    }

    @Test func aDamagedBackupReplacesNothing() async throws {
        try database("a.db", seed: 1).backUp(to: backup, replace: false)
        let whole = try Data(contentsOf: backup)
        let before = try await dump(folder.path("a.db"))
        var zeroed = whole
        zeroed.replaceSubrange(40_000..<60_000, with: Data(count: 20_000))
        for (name, bytes) in [
            ("cut", whole.prefix(whole.count / 2)), ("zeroed", zeroed), ("empty", Data()), ("text", Data("x".utf8)),
        ] {
            try folder.write(bytes, to: name)
            let error = #expect(throws: StoreError.self, "\(name)") {
                try restore("a.db", from: folder.url.appending(path: name), replace: true)
            }
            #expect(error?.status == .badData, "\(name): \(error?.description ?? "")")
        }
        #expect(throws: MissingFile.self) {
            try restore("a.db", from: folder.url.appending(path: "nowhere"), replace: true)
        }
        #expect(try await dump(folder.path("a.db")) == before)
        // What is damaged itself can be replaced.
        try folder.write(Data(count: 5000), to: "broken.db")
        #expect(try restore("broken.db") == .everyone)
        #expect(try await dump(folder.path("broken.db"), "feedback%") == dump(folder.path("a.db"), "feedback%"))
    }

    @Test func anotherProgramsDatabaseIsNoBackup() async throws {
        _ = try await CommandRun.shell("sqlite3 other.db 'CREATE TABLE t (x); INSERT INTO t VALUES (1)'", in: folder)
        let error = #expect(throws: StoreError.self) {
            try restore("a.db", from: folder.url.appending(path: "other.db"), replace: false)
        }
        #expect(error?.description.contains("it is none of avicenna's") == true)
        #expect(!FileManager.default.fileExists(atPath: folder.path("a.db")))
    }

    // MARK: Revocations

    /// Revokes tokens before and after a backup.
    private func revoke() throws {
        let database = try database("a.db", seed: 1)
        try database.revoke(.token(id: "old"), at: Instant(seconds: 1))
        try database.backUp(to: backup, replace: false)
        try database.revoke(.token(id: "new\0"), at: Instant(seconds: 2))
        try database.revoke(.subject("p1", issuedUntil: Instant(seconds: 3)), at: Instant(seconds: 4))
    }

    private let later: [RevokedTokens] = [
        .token(id: "new\0"), .subject("p1", issuedUntil: Instant(seconds: 3)),
    ]

    @Test("revocations that are newer than the backup are kept, under numbers that relays have not read")
    func newerRevocationsAreKept() throws {
        try revoke()
        #expect(try restore("a.db") == .kept(2))
        let database = try SQLiteDatabase(path: folder.path("a.db"), create: false)
        #expect(try database.revocations(after: 0).revoked == [.token(id: "old")] + later)
        #expect(try database.revocations(after: 3).revoked == later)
        #expect(try database.recordCounts().feedback == 300)
        #expect(try database.auditReport(against: nil).problems == [])
        #expect(try database.problem() == nil)
    }

    @Test("restoring twice inserts nothing twice")
    func restoringTwice() throws {
        try revoke()
        #expect(try restore("a.db") == .kept(2))
        #expect(try restore("a.db") == .kept(2))
        let database = try SQLiteDatabase(path: folder.path("a.db"), create: false)
        #expect(try database.revocations(after: 0).revoked.count == 3)
    }

    @Test(
        "where the revocations since the backup are not known, all tokens are revoked",
        arguments: [
            "rm a.db", "printf x > a.db", "sqlite3 a.db 'DROP TABLE revocations'",
            "rm a.db; sqlite3 a.db 'CREATE TABLE t (x)'",
            "sqlite3 a.db 'UPDATE revocations SET jti = NULL, subject = 1'",
            "sqlite3 a.db \"UPDATE revocations SET issued_until = 1 << 62, subject = 'x', jti = NULL\"",
        ])
    func unknownRevocations(change: String) async throws {
        try revoke()
        let run = try await CommandRun.shell("rm -f a.db-wal a.db-shm; \(change)", in: folder)
        #expect(run.status == 0, "\(run.errors)")
        #expect(try restore("a.db") == .everyone)
        let all: [RevokedTokens] = [.token(id: "old"), .everyone(issuedUntil: noon)]
        do {
            let database = try SQLiteDatabase(path: folder.path("a.db"), create: false)
            #expect(try database.revocations(after: 0).revoked == all)
            // Whatever a relay has read, this is news.
            #expect(try database.revocations(after: 1_000_000_000).revoked == [.everyone(issuedUntil: noon)])
            #expect(try database.auditReport(against: nil).problems == [])
        }
        // It is known from now on.
        #expect(try restore("a.db") == .kept(1))
        #expect(
            try SQLiteDatabase(path: folder.path("a.db"), create: false).revocations(after: 0).revoked == all)
    }

    @Test("a backup of an older version gets the revocations as well")
    func olderBackup() throws {
        try revoke()
        let old = folder.url.appending(path: "old.backup")
        let queue = try DatabaseQueue(path: old.path)
        try Schema.migrator.migrate(queue, upTo: "runs")
        try queue.close()
        #expect(try restore("a.db", from: old) == .kept(3))
        let database = try SQLiteDatabase(path: folder.path("a.db"), create: false)
        #expect(try database.revocations(after: 0).revoked == [.token(id: "old")] + later)
        #expect(try database.recordCounts().feedback == 0)
    }

    @Test("a backup of each version is restored, and migrated when it is opened", arguments: Schema.migrator.migrations)
    func everyVersion(_ last: String) throws {
        let old = folder.url.appending(path: "old.backup")
        let queue = try DatabaseQueue(path: old.path)
        try Schema.migrator.migrate(queue, upTo: last)
        try queue.close()
        try restore("restored.db", from: old)
        let database = try SQLiteDatabase(path: folder.path("restored.db"), create: false)
        #expect(try database.problem() == nil)
    }

    @Test("a ledger is written by no report and no backup")
    func isNotReplaced() throws {
        let ledger = ReleaseLedger(at: folder.path("l"))
        try ledger.update(settingUp: .october) { try $0.append(try LedgerMonth.counted("2026-10")) }
        let database = try openDatabase(at: folder.path("clinic.db"), create: true)
        #expect(throws: UnwritableFile.self) { try database.backUp(to: URL(filePath: ledger.path), replace: true) }
        #expect(throws: UnwritableFile.self) { try OutputFile(at: URL(filePath: ledger.path), mode: 0o644) }
        #expect(throws: StoreError.self) {
            try database.backUp(to: folder.url.appending(path: "clinic.db.released"), replace: true)
        }
        #expect(try ledger.read()?.months.count == 1)
    }
}
