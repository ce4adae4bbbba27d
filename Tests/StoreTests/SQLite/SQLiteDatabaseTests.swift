import Domain
import Foundation
import GRDB
import Testing
import TestSupport

@testable import Store
@testable import StoreSQLite

@Suite(.timeLimit(.minutes(30))) struct SQLiteDatabaseTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func isReadableByItsOwnerOnly() throws {
        let database = try SQLiteDatabase(
            in: folder,
            with: TestClinic.random(1, patients: 3, recommendations: 3, feedback: 3, until: day("2026-01-01")))
        try withExtendedLifetime(database) {
            for name in ["clinic.db", "clinic.db-wal", "clinic.db-shm"] {
                let attributes = try FileManager.default.attributesOfItem(atPath: folder.path(name))
                #expect(attributes[.posixPermissions] as? Int == 0o600, "\(name)")
            }
        }
    }

    @Test func manyMayOpenANewDatabaseAtOnce() async throws {
        for round in 0..<5 {
            let path = folder.path("\(round).db")
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<8 {
                    group.addTask { try SQLiteDatabase(path: path, create: true).recordCounts().patients }
                }
                for try await patients in group { #expect(patients == 0) }
            }
        }
    }

    @Test func locationsAreAPathOrAnSQLiteURL() throws {
        _ = try openDatabase(at: "sqlite://\(folder.path("a.db"))", create: true)
        #expect(FileManager.default.fileExists(atPath: folder.path("a.db")))
        #expect(throws: StoreError.unknownEngine(location: "mysql://x")) { try openDatabase(at: "mysql://x") }
        let missing = folder.path("missing.db")
        #expect(throws: StoreError.missing(location: missing)) { try openDatabase(at: missing) }
        #expect(!FileManager.default.fileExists(atPath: missing))
    }

    @Test func whatIsNoDatabaseIsSaidToBeNone() throws {
        let path = try folder.write("this is a letter, not a database, and long enough to have a header", to: "x.db")
        let error = #expect(throws: StoreError.self) { try openDatabase(at: path) }
        #expect(error?.status == .badData)
    }

    @Test func aDatabaseOfANewerVersionIsLeftAlone() throws {
        let path = folder.path("clinic.db")
        _ = try SQLiteDatabase(path: path, create: true)
        try DatabaseQueue(path: path).write {
            try $0.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('from the future')")
        }
        #expect(throws: StoreError.tooNew(location: path)) { try openDatabase(at: path) }
    }

    @Test func aBrokenReferenceCannotBeWritten() throws {
        let database = try SQLiteDatabase(in: folder)
        #expect(throws: StoreError.self) {
            try database.write {
                try $0.execute(sql: "INSERT INTO diagnoses VALUES (1, 1, 1, 1, 0, 1)")
            }
        }
        #expect(throws: StoreError.self) {
            try database.write { try $0.execute(sql: "INSERT INTO imports VALUES ('x', 'y', 'z')") }
        }
    }

    @Test func aFullDiskIsToldAndUndone() throws {
        let path = folder.path("clinic.db")
        let database = try SQLiteDatabase(path: path, create: true)
        try database.write { try $0.execute(sql: "PRAGMA max_page_count = 60") }
        let clinic = TestClinic.random(
            1, patients: 5000, recommendations: 5000, feedback: 5000, until: day("2026-01-01"))
        let error = #expect(throws: StoreError.self) { try clinic.write(to: database) }
        #expect(error?.status == .cannotWrite)
        #expect(try database.recordCounts() == RecordCounts(patients: 0, diagnoses: 0, recommendations: 0, feedback: 0))
    }

    @Test func anImportThatChangesNothingLeavesTheFileAsLongAsItWas() throws {
        let fixture = try ImportFixture(on: .sqlite)
        let file = URL(filePath: fixture.folder.path("clinic.db"))
        _ = try fixture.importing()
        let before = try Data(contentsOf: file).count
        _ = try fixture.importing()
        #expect(try Data(contentsOf: file).count == before)
    }
}
