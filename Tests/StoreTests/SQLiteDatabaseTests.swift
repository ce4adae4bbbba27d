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
        let database = try SQLiteDatabase(path: folder.path("clinic.db"), create: true)
        try TestClinic.random(1, patients: 3, recommendations: 3, feedback: 3, until: day("2026-01-01")).write(
            to: database)
        for name in ["clinic.db", "clinic.db-wal", "clinic.db-shm"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: folder.path(name))
            #expect(attributes[.posixPermissions] as? Int == 0o600, "\(name)")
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
        let database = try SQLiteDatabase(path: folder.path("clinic.db"), create: true)
        #expect(throws: StoreError.self) {
            try database.write {
                try $0.execute(sql: "INSERT INTO diagnoses VALUES (1, 1, 1, 1, 0, 1)")
            }
        }
        #expect(throws: StoreError.self) {
            try database.write { try $0.execute(sql: "INSERT INTO imports VALUES ('x', 'y', 'z')") }
        }
    }

    @Test func aFailedImportLeavesNothing() throws {
        let database = try SQLiteDatabase(path: folder.path("clinic.db"), create: true)
        struct Interrupted: Error {}
        #expect(throws: Interrupted.self) {
            try database.importRecords(from: "clinic", at: Instant(seconds: 0), firstNumber: 1) { writer in
                _ = try writer.write(Patient(id: PatientID(rawValue: 1), mizaj: .motadel, sex: nil, birthYear: nil))
                throw Interrupted()
            }
        }
        #expect(try database.recordCounts().patients == 0)
        #expect(try database.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM imports") } == 0)
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

    @Test func idsMayLieFarApart() throws {
        let database = try SQLiteDatabase(path: folder.path("clinic.db"), create: true)
        var clinic = TestClinic()
        let recommendation = clinic.recommendation("a", for: "c", to: clinic.patient(), on: day("2026-01-01"))
        clinic.rate(recommendation, 5, on: day("2026-01-01"))
        clinic.patients[0].id = PatientID(rawValue: .max)
        clinic.diagnoses[0].patient = PatientID(rawValue: .max)
        clinic.diagnoses[0].id = DiagnosisID(rawValue: .max - 5)
        clinic.recommendations[0].diagnosis = DiagnosisID(rawValue: .max - 5)
        clinic.recommendations[0].id = RecommendationID(rawValue: 1 << 62)
        clinic.feedback[0].recommendation = RecommendationID(rawValue: 1 << 62)
        try clinic.write(to: database)
        let columns = try database.clinic(asOf: day("2026-01-02"), in: .utc)
        #expect(columns.cases.recommendation == [0])
        #expect(columns.recommendations.diagnosis == [0])
        #expect(columns.diagnoses.patient == [0])
    }

    @Test func theSpellingOfTheSmallestIDIsShown() throws {
        let database = try SQLiteDatabase(path: folder.path("clinic.db"), create: true)
        var clinic = TestClinic()
        let patient = clinic.patient()
        clinic.recommendation("SAFFRON", for: "Cough", to: patient, on: day("2026-02-01"))
        clinic.recommendation("saffron", for: "cough", to: patient, on: day("2026-01-01"))
        try clinic.write(to: database)
        #expect(try database.clinic(asOf: day("2026-02-01"), in: .utc).herbs.names == ["SAFFRON"])
        // On a day before the first was made, nobody knew its spelling.
        let earlier = try database.clinic(asOf: day("2026-01-31"), in: .utc)
        #expect(earlier.herbs.names == ["saffron"])
        #expect(earlier.conditions.names == ["cough"])
    }
}
