import Domain
import GRDB
import TestSupport
import Testing

@testable import Store
@testable import StoreSQLite

/// What orders left in the tables, and changes of it that were made past the program.
@Suite(.timeLimit(.minutes(30))) struct OrderTableTests {
    private let folder: TemporaryFolder
    private let database: SQLiteDatabase

    init() throws {
        folder = try TemporaryFolder()
        database = try SQLiteDatabase(in: folder, with: Orders.clinic)
    }

    private static let manipulations = [
        "UPDATE audit SET subject = 'nobody' WHERE audit_id = 3",
        "UPDATE audit SET after = replace(after, '\"rating\":5', '\"rating\":1') WHERE audit_id = 3",
        "UPDATE audit SET at = at + 1 WHERE audit_id = 2", "UPDATE audit SET before = NULL WHERE audit_id = 4",
        "DELETE FROM audit WHERE audit_id = 3", "DELETE FROM audit WHERE audit_id = 2",
        "DELETE FROM audit WHERE audit_id = 4",
        "UPDATE audit SET audit_id = -9223372036854775808 WHERE audit_id = 3",
        "UPDATE audit SET audit_id = 9223372036854775807 WHERE audit_id = 3",
        "UPDATE audit SET at = 9223372036854775807 WHERE audit_id = 2",
        "UPDATE feedback SET rating = 5 WHERE feedback_id = 3", "DELETE FROM audit",
        "UPDATE feedback_notes SET comment = 'other' WHERE feedback_id = 2",
        "INSERT INTO feedback SELECT 9, recommendation_id, 5, NULL, NULL, created_at, NULL, import_id FROM feedback WHERE feedback_id = 2",
    ]

    @Test(arguments: manipulations) func whatWasTamperedWithShows(_ manipulation: String) throws {
        try database.write(.submit([draft(1, 5, effects: ["headache"])]))
        try database.write(.submit([draft(1, 5)]))
        try database.write(.edit(FeedbackID(rawValue: 3), judgement(2)))
        let sound = try database.auditReport(against: nil)
        #expect(sound.problems == [])
        #expect(sound.entries == 4)
        try database.write { try $0.execute(sql: manipulation) }
        #expect(try database.auditReport(against: nil).problems != [])
    }

    @Test func whoMakesAllHashesAnewIsFoundByTheOneThatWasNoted() throws {
        try database.write(.submit([draft(1)]))
        let noted = try #require(try database.auditReport(against: nil).head)
        try database.write(.submit([draft(1)]))
        #expect(try database.auditReport(against: noted).problems == [])
        try database.write { db in
            try db.execute(
                sql: """
                    DELETE FROM audit WHERE audit_id > 1; UPDATE sqlite_sequence SET seq = 1 WHERE name = 'audit';
                    DELETE FROM feedback_authors; DELETE FROM feedback WHERE feedback_id > 1
                    """)
        }
        #expect(try database.auditReport(against: nil).problems == [])
        #expect(try database.auditReport(against: noted).problems != [])
    }

    @Test("the keys of the day before are deleted")
    func oldKeys() throws {
        try database.write(.submit([draft(1)]), key: "k")
        try database.write(.submit([draft(1)]), key: "k", at: Instant(seconds: Orders.noon.seconds + 86_401))
        #expect(try database.count("idempotency_keys") == 1)
    }

    @Test("an answer is not repeated once the feedback is gone")
    func feedbackIsGone() throws {
        let feedback = FeedbackID(rawValue: 2)
        try database.write(.submit([draft(1)]))
        try database.write(.edit(feedback, judgement(1)), key: "k")
        try database.write {
            try $0.execute(
                sql: """
                    DELETE FROM feedback_authors WHERE feedback_id = 2; DELETE FROM feedback_notes WHERE feedback_id = 2;
                    DELETE FROM feedback WHERE feedback_id = 2
                    """)
        }
        #expect(try database.write(.edit(feedback, judgement(1)), key: "k").refusals == [0: .missing("feedback 2")])
    }
}
