import Domain
import GRDB
import TestSupport
import Testing

@testable import Store
@testable import StoreSQLite

/// The audit log of a version that had no entries for imports and revocations is extended to them.
@Suite(.timeLimit(.minutes(30))) struct AuditMigrationTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// A database of the version before imports and revocations had entries.
    private func databaseBeforeTheLedger() throws -> SQLiteDatabase {
        try migratedDatabase(in: folder, from: "keys") { db in
            try db.execute(
                sql: """
                    INSERT INTO imports VALUES (1, 'clinic', 0, 0), (2, 'clinic', 0, 3), (3, 'api', 0, 0);
                    INSERT INTO patients VALUES (1, 'motadel', NULL, NULL, 1), (2, 'garm_tar', 'male', 1980, 2);
                    INSERT INTO patients VALUES (3, 'motadel', NULL, NULL, 3);
                    INSERT INTO revocations (jti, at) VALUES ('t1', 0), ('t2', 0);
                    """)
            // As versions until then wrote entries: whole subjects were hashed, and stored up to their first U+0000.
            var hash = ""
            for (record, subject) in [(3, "whole"), (3, "cut\0short"), (3, "whole again")] {
                let entry = AuditEntry(
                    at: Instant(seconds: 5), subject: subject, role: "admin", request: "r", action: "patient.create",
                    record: Int64(record), before: nil,
                    after: Patient(id: PatientID(rawValue: 3), mizaj: .motadel, sex: nil, birthYear: nil).auditText)
                hash = entry.hash(after: hash)
                try db.execute(
                    sql: """
                        INSERT INTO audit (at, subject, role, request, action, record_id, before, after, hash)
                        VALUES (5000000, ?, 'admin', 'r', 'patient.create', ?, NULL, ?, ?)
                        """, arguments: [subject, record, entry.after, hash])
            }
        }
    }

    @Test func whatHadNoEntriesIsCountedAndStillVerified() throws {
        let database = try databaseBeforeTheLedger()
        let report = try database.auditReport(against: nil)
        #expect(report.problems == [])
        #expect(report.entries == 4)
        #expect(report.uncovered == 2)
        #expect(report.unverified == [2])
        // From then on everything has an entry.
        try TestClinic.random(1, patients: 20, recommendations: 9, feedback: 9, until: day("2026-01-01")).write(
            to: database, source: "other")
        try database.revoke(.token(id: "t3"), at: Instant(seconds: 9))
        let later = try database.auditReport(against: report.head)
        #expect(later.problems == [] && later.entries == 6 && later.uncovered == 2)
    }

    @Test(arguments: [
        "DELETE FROM patients WHERE patient_id = 2", "INSERT INTO patients VALUES (9, 'motadel', NULL, NULL, 2)",
        "UPDATE patients SET import_id = 1 WHERE patient_id = 3",
        "UPDATE patients SET import_id = 3 WHERE patient_id = 1",
        "DELETE FROM revocations WHERE revocation_id = 1", "UPDATE audit SET subject = 'cut\t' WHERE audit_id = 2",
        "UPDATE audit SET subject = 'else' WHERE audit_id = 1", "UPDATE audit SET after = '{}' WHERE audit_id = 4",
        "UPDATE imports SET source = 'api' WHERE import_id = 2", "DELETE FROM audit",
    ]) func whatIsChangedAfterwardsIsFoundAllTheSame(manipulation: String) throws {
        let database = try databaseBeforeTheLedger()
        try database.write { try $0.execute(sql: "PRAGMA foreign_keys = OFF") }
        try database.write { try $0.execute(sql: manipulation) }
        #expect(try database.auditReport(against: nil).problems != [], "\(manipulation)")
    }
}
