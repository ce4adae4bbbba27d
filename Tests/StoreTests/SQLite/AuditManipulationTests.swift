import Domain
import GRDB
import TestSupport
import Testing

@testable import Store
@testable import StoreSQLite

/// Whatever is changed past the program, in records, imports, authors or revocations, the audit log shows.
@Suite(.timeLimit(.minutes(30))) struct AuditManipulationTests {
    private let folder: TemporaryFolder
    private let database: SQLiteDatabase

    init() throws {
        folder = try TemporaryFolder()
        database = try SQLiteDatabase(in: folder)
    }

    private static let manipulations = [
        // A record that entries say exists.
        "DELETE FROM feedback WHERE feedback_id = 9", "DELETE FROM feedback WHERE feedback_id = 3",
        "DELETE FROM feedback WHERE feedback_id = 6", "DELETE FROM patients WHERE patient_id = 50",
        "DELETE FROM patients WHERE patient_id = 51", "DELETE FROM recommendations WHERE recommendation_id = 3",
        // Moved to another import, of the same source, of another, or of the API.
        "UPDATE feedback SET import_id = 1 WHERE feedback_id = 1",
        "UPDATE feedback SET import_id = 3 WHERE feedback_id = 6",
        "UPDATE feedback SET import_id = 1 WHERE feedback_id = 9",
        "UPDATE feedback SET import_id = 5 WHERE feedback_id = 9",
        "UPDATE feedback SET import_id = 4 WHERE feedback_id = 6",
        "UPDATE feedback SET import_id = 99 WHERE feedback_id = 6",
        "UPDATE feedback SET import_id = 3 - import_id WHERE feedback_id IN (1, 6)",
        "UPDATE imports SET source = 'other' WHERE import_id = 1",
        "UPDATE imports SET source = 'api' WHERE import_id = 3",
        "UPDATE imports SET started_at = 1 WHERE import_id = 2", "UPDATE imports SET rejected = 5 WHERE import_id = 2",
        "DELETE FROM imports WHERE import_id = 3", "INSERT INTO imports VALUES (90, 'clinic', 0, 0, 1)",
        // Marked as withdrawn, or withdrawn no longer.
        "UPDATE feedback SET deleted_at = 0 WHERE feedback_id = 6",
        "UPDATE feedback SET deleted_at = 0 WHERE feedback_id = 9",
        "UPDATE feedback SET deleted_at = NULL WHERE feedback_id = 7",
        // Inserted as if imported, or given.
        "INSERT INTO feedback VALUES (70, 1, 5, NULL, NULL, 0, NULL, 1)",
        "INSERT INTO feedback VALUES (70, 1, 5, NULL, NULL, 0, NULL, 4)",
        "INSERT INTO patients VALUES (70, 'motadel', NULL, NULL, 2)",
        "INSERT INTO imports VALUES (90, 'clinic', 0, 0, 1); INSERT INTO patients VALUES (70, 'motadel', NULL, NULL, 90)",
        // Changed in any column, also where one makes good for the other.
        "UPDATE patients SET mizaj = 'sard_tar' WHERE patient_id = 1",
        "UPDATE patients SET sex = NULL WHERE patient_id = 2",
        "UPDATE patients SET birth_year = 1971 WHERE patient_id = 2",
        "UPDATE diagnoses SET patient_id = 1 WHERE diagnosis_id = 2",
        "UPDATE diagnoses SET created_at = created_at + 1 WHERE diagnosis_id = 2",
        "UPDATE spellings SET text = 'Insomnia' WHERE text = 'insomnia'", "UPDATE symptom_sets SET text = 'a;c'",
        "UPDATE recommendations SET herb_id = (SELECT herb_id FROM recommendations WHERE recommendation_id = 2)",
        "UPDATE recommendations SET diagnosis_id = 1 WHERE recommendation_id = 3",
        "UPDATE feedback SET rating = 5 WHERE feedback_id = 6",
        "UPDATE feedback SET rating = 3 - rating WHERE feedback_id IN (4, 5)",
        "UPDATE feedback SET improvement = 1 WHERE feedback_id = 6",
        "UPDATE feedback SET compliance = 0 WHERE feedback_id = 6",
        "UPDATE feedback SET recommendation_id = 1 WHERE feedback_id = 6",
        "UPDATE feedback SET created_at = created_at - 1 WHERE feedback_id = 6",
        "INSERT INTO feedback_notes VALUES (6, NULL, 'x')", "INSERT INTO feedback_notes VALUES (6, 'x', NULL)",
        "UPDATE feedback_notes SET comment = NULL WHERE feedback_id = 4",
        // Authors and revocations.
        "UPDATE feedback_authors SET subject = 'else' WHERE feedback_id = 9",
        "DELETE FROM feedback_authors WHERE feedback_id = 9",
        "INSERT INTO feedback_authors VALUES (6, 'boss')", "DELETE FROM revocations WHERE revocation_id = 1",
        "UPDATE revocations SET jti = 't2' WHERE revocation_id = 1",
        "UPDATE revocations SET issued_until = 0 WHERE revocation_id = 2",
        "UPDATE revocations SET issued_until = 0 WHERE revocation_id = 3",
        "INSERT INTO revocations (jti, at) VALUES ('t9', 0)", "DELETE FROM revocations",
        // The entries themselves.
        "UPDATE audit SET import_id = NULL WHERE audit_id = 5",
        "UPDATE audit SET displaced = NULL WHERE displaced IS NOT NULL",
        "UPDATE audit SET displaced = '1:0' WHERE displaced IS NOT NULL",
        "UPDATE audit SET after = '{}' WHERE audit_id = 1",
        "DELETE FROM audit WHERE audit_id = 1",
        "INSERT INTO audit (at, subject, role, request, action, record_id, after, hash) VALUES (0, '', '', '', 'audit.extend', 0, '{\"last_import\":9,\"last_revocation\":9,\"revocations\":2,\"records\":{},\"unverified\":[]}', '')",
    ]

    @Test(arguments: manipulations) func whatIsChangedPastTheProgramIsFound(manipulation: String) throws {
        try TestClinic.writeAuditedClinic(to: database)
        try database.pool.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA foreign_keys = OFF")
            try db.execute(sql: manipulation)
            #expect(db.totalChangesCount > 0)
        }
        #expect(try database.auditReport(against: nil).problems != [], "\(manipulation)")
    }

    @Test func textsThatWereCutAtNULAreFound() throws {
        try TestClinic.writeAuditedClinic(to: database)
        for subject in ["a\0b", "\0", "a\0"] {
            try database.write(.submit([draft(1)]), by: Requester(subject: subject, role: .admin, patient: nil))
        }
        #expect(try database.auditReport(against: nil).problems == [])
        try database.write { try $0.execute(sql: "UPDATE audit SET subject = 'a' WHERE subject LIKE 'a%'") }
        #expect(try database.auditReport(against: nil).problems != [])
    }

    @Test func aRecordOfManyImportsThatWasChangedIsFound() throws {
        try TestClinic.writeRepeatedly(to: database)
        #expect(try database.auditReport(against: nil).problems == [])
        try database.write {
            try $0.execute(sql: "UPDATE feedback_notes SET comment = comment || '!' WHERE feedback_id = 4321")
        }
        #expect(try database.auditReport(against: nil).problems.count == 1)
    }
}
