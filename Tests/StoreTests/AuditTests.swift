import Domain
import GRDB
import TestSupport
import Testing

@testable import Store
@testable import StoreSQLite

/// Whatever is changed past the program, in records, imports, authors or revocations, the audit log shows.
@Suite(.timeLimit(.minutes(30))) struct AuditTests {
    private let folder: TemporaryFolder
    private let database: SQLiteDatabase
    private let noon = instant("2026-10-20T12:00:00Z")
    private let admin = Requester(subject: "boss", role: .admin, patient: nil)

    /// Two imports of one source, one of another, writes through the API, and revocations.
    init() throws {
        folder = try TemporaryFolder()
        database = try SQLiteDatabase(path: folder.path("clinic.db"), create: true)
        var clinic = TestClinic()
        let first = clinic.patient()
        let second = clinic.patient(.garmTar, sex: .female, born: 1970)
        for (herb, patient) in [("saffron", first), ("mint", second), ("ginger", second)] {
            clinic.recommendation(herb, for: "insomnia", symptoms: ["a", "b"], to: patient, on: day("2026-10-01"))
        }
        for (number, rating) in [3, 4, 5, 2, 1, 4].enumerated() {
            clinic.rate(
                RecommendationID(rawValue: Int64(number % 3 + 1)), rating, on: day("2026-10-20"),
                sideEffects: number == 2 ? ["headache", "nausea"] : [], comment: number == 3 ? "" : nil)
        }
        try clinic.write(to: database)
        var changed = clinic
        changed.feedback[0].rating = Rating(1) ?? .defaultSuccess
        changed.feedback[1].comment = "later"
        changed.rate(RecommendationID(rawValue: 2), 5, on: day("2026-10-20"))
        try changed.write(to: database)
        try database.importRecords(from: "other", at: Instant(seconds: 7), firstNumber: 1) { writer in
            _ = try writer.write(Patient(id: PatientID(rawValue: 50), mizaj: .sardTar, sex: .male, birthYear: nil))
        }
        try order(.submit([draft(1), draft(2)]))
        // One that the first import wrote, one that the second changed, and one of the API.
        for feedback in [3, 2, 8] as [Int64] {
            try order(.edit(FeedbackID(rawValue: feedback), draft(1, 3).judgement))
        }
        try order(.edit(FeedbackID(rawValue: 3), draft(1, 5).judgement))
        try order(.withdraw(FeedbackID(rawValue: 7)))
        try order(
            .addPatients([
                NewRecord(
                    id: nil, record: Patient(id: PatientID(rawValue: 0), mizaj: .motadel, sex: nil, birthYear: nil))
            ]))
        try database.revoke(.token(id: "t1"), at: noon)
        try database.revoke(.subject("boss", issuedUntil: noon), at: noon)
        try database.revoke(.everyone(issuedUntil: noon), at: noon)
    }

    private func draft(_ recommendation: Int64, _ rating: Int = 2) -> FeedbackDraft {
        FeedbackDraft(
            recommendation: RecommendationID(rawValue: recommendation),
            judgement: Judgement(
                rating: Rating(rating) ?? .defaultSuccess, improvement: nil, compliance: nil, sideEffects: [],
                comment: nil))
    }

    private func order(_ change: RecordChange, by requester: Requester? = nil) throws {
        let order = WriteOrder(requester: requester ?? admin, request: "r", idempotency: nil, change: change) { _ in
            WriteAnswer(status: 201, body: "")
        }
        let receipts = try database.write(
            [order],
            rules: WriteRules(
                editTime: 86_400, feedbackTrigger: 5, feedbackPerDay: 1000, timezone: .utc,
                successRating: .defaultSuccess),
            at: noon)
        guard case .written = receipts.first?.end else {
            Issue.record("\(receipts)")
            return
        }
    }

    @Test func whatTheProgramWroteIsVerified() throws {
        let report = try database.auditReport(against: nil)
        #expect(report.problems == [])
        #expect(report.entries == 3 + 2 + 5 + 1 + 3)
        #expect(report.uncovered == 0 && report.unverified == [])
    }

    @Test func importsThatChangeNothingHaveNoEntry() throws {
        let before = try database.auditReport(against: nil)
        try database.importRecords(from: "other", at: Instant(seconds: 8), firstNumber: 1) { writer in
            _ = try writer.write(Patient(id: PatientID(rawValue: 50), mizaj: .sardTar, sex: .male, birthYear: nil))
        }
        #expect(try database.auditReport(against: nil) == before)
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
        try database.pool.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA foreign_keys = OFF")
            try db.execute(sql: manipulation)
            #expect(db.totalChangesCount > 0)
        }
        #expect(try database.auditReport(against: nil).problems != [], "\(manipulation)")
    }

    @Test func textsWithNULAreStoredWholeAndVerified() throws {
        for subject in ["a\0b", "\0", "a\0"] {
            let requester = Requester(subject: subject, role: .admin, patient: nil)
            try order(.submit([draft(1)]), by: requester)
        }
        #expect(try database.auditReport(against: nil).problems == [])
        try database.write { try $0.execute(sql: "UPDATE audit SET subject = 'a' WHERE subject LIKE 'a%'") }
        #expect(try database.auditReport(against: nil).problems != [])
    }

    @Test func theSourceOfTheAPIIsReserved() throws {
        #expect(throws: StoreError.reservedSource("api")) {
            try database.importRecords(from: "api", at: noon, firstNumber: 1) { _ in }
        }
    }

    @Test func recordsOfManyImportsAndChunksAreVerified() throws {
        let large = try SQLiteDatabase(path: folder.path("large.db"), create: true)
        var clinic = TestClinic.random(
            5, patients: 300, recommendations: 2000, feedback: 6000, until: day("2026-10-20"))
        for round in 0..<4 {
            for number in clinic.feedback.indices where number % (round + 2) == 0 {
                clinic.feedback[number].comment = "round \(round) of \(number)"
            }
            try clinic.write(to: large)
        }
        #expect(try large.auditReport(against: nil).problems == [])
        try large.write {
            try $0.execute(sql: "UPDATE feedback_notes SET comment = comment || '!' WHERE feedback_id = 4321")
        }
        #expect(try large.auditReport(against: nil).problems.count == 1)
    }
}
