import Domain
import Foundation
import GRDB
import Testing
import TestSupport

@testable import Store

struct BackupTests {
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

    /// All that a file holds, as lines of SQL in any order: VACUUM reorders the schema.
    private func dump(_ path: String) throws -> String {
        let run = try CommandRun.shell("sqlite3 '\(path)' .dump | sort", in: folder)
        #expect(run.status == 0, "\(run.errors)")
        return run.output
    }

    @Test func aBackupHoldsWhatWasCommittedWhileOthersWrite() throws {
        let database = try database("a.db", seed: 1)
        let before = try dump(folder.path("a.db"))
        let other = try DatabaseQueue(path: folder.path("a.db"))
        try other.inDatabase { db in
            try db.execute(sql: "BEGIN IMMEDIATE; DELETE FROM feedback")
            try database.backUp(to: backup, replace: false)
            try db.execute(sql: "COMMIT")
        }
        #expect(try dump(backup.path) == before)
        #expect(try dump(folder.path("a.db")) != before)
        let rights = try FileManager.default.attributesOfItem(atPath: backup.path)[.posixPermissions] as? Int
        #expect(rights == 0o600)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path("backup")) == ["clinic.backup"])
    }

    @Test func restoringGivesBackWhatWasThere() throws {
        try database("a.db", seed: 1).backUp(to: backup, replace: false)
        let kept = try dump(backup.path)
        #expect(throws: StoreError.exists(location: folder.path("a.db"))) {
            try restoreDatabase(at: folder.path("a.db"), from: backup, replace: false)
        }
        try restoreDatabase(at: folder.path("new.db"), from: backup, replace: false)
        #expect(try dump(folder.path("new.db")) == kept)
        try restoreDatabase(at: folder.path("new.db"), from: backup, replace: true)
        #expect(try dump(folder.path("new.db")) == kept)

        // Another database, with a log that is not its file's yet.
        var another: SQLiteDatabase? = try database("b.db", seed: 2)
        #expect(try another?.recordCounts().feedback == 300)
        #expect(throws: StoreError.self) {  // it is in use
            try restoreDatabase(at: folder.path("b.db"), from: backup, replace: true)
        }
        #expect(try another?.recordCounts().feedback == 300)
        another = nil
        try restoreDatabase(at: folder.path("b.db"), from: backup, replace: true)
        #expect(try dump(folder.path("b.db")) == kept)
        #expect(try SQLiteDatabase(path: folder.path("b.db"), create: false).recordCounts().patients == 20)
    }

    @Test func aDamagedBackupReplacesNothing() throws {
        try database("a.db", seed: 1).backUp(to: backup, replace: false)
        let whole = try Data(contentsOf: backup)
        let before = try dump(folder.path("a.db"))
        var zeroed = whole
        zeroed.replaceSubrange(40_000..<60_000, with: Data(count: 20_000))
        for (name, bytes) in [
            ("cut", whole.prefix(whole.count / 2)), ("zeroed", zeroed), ("empty", Data()), ("text", Data("x".utf8)),
        ] {
            try folder.write(bytes, to: name)
            let error = #expect(throws: StoreError.self, "\(name)") {
                try restoreDatabase(
                    at: folder.path("a.db"), from: folder.url.appending(path: name), replace: true)
            }
            #expect(error?.status == .badData, "\(name): \(error?.description ?? "")")
        }
        #expect(throws: MissingFile.self) {
            try restoreDatabase(
                at: folder.path("a.db"), from: folder.url.appending(path: "nowhere"), replace: true)
        }
        #expect(try dump(folder.path("a.db")) == before)
        // What is damaged itself can be replaced.
        try folder.write(Data(count: 5000), to: "broken.db")
        try restoreDatabase(at: folder.path("broken.db"), from: backup, replace: true)
        #expect(try dump(folder.path("broken.db")) == before)
    }

    @Test func anotherProgramsDatabaseIsNoBackup() throws {
        _ = try CommandRun.shell("sqlite3 other.db 'CREATE TABLE t (x); INSERT INTO t VALUES (1)'", in: folder)
        let error = #expect(throws: StoreError.self) {
            try restoreDatabase(
                at: folder.path("a.db"), from: folder.url.appending(path: "other.db"), replace: false)
        }
        #expect(error?.description.contains("it is none of avicenna's") == true)
        #expect(!FileManager.default.fileExists(atPath: folder.path("a.db")))
    }
}
