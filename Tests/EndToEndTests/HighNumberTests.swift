import Foundation
import TestSupport
import Testing

/// Numbers that no version of the program gives stop nothing, or are named to the operator.
@Suite(.endToEnd, .timeLimit(.minutes(30))) struct HighNumberTests {
    private let api: ServedAPI

    init() async throws {
        api = try await ServedAPI()
    }

    private func submit() async throws -> HTTPExchange {
        try await api.ask(
            "POST", "/api/feedback/submit", api.clinic.token("--admin"), json: #"{"recommendation_id":1,"rating":4}"#)
    }

    @Test("a record with the highest number does not stop feedback, and the doctor names it")
    func record() async throws {
        let change = try await api.clinic.shell(
            """
            sqlite3 avicenna.db "INSERT INTO feedback SELECT 9223372036854775807, recommendation_id, rating, improvement,
                compliance, created_at, deleted_at, import_id FROM feedback WHERE feedback_id = 1"
            """)
        #expect(change.status == 0, "\(change.errors)")
        let answer = try await submit()
        #expect(answer.status == 201 && answer.body.contains(#""id":3001,"#), "\(answer.body)")
        let doctor = try await api.clinic.shell("avicenna doctor --format csv").output
        #expect(
            doctor.contains(
                "doubtful,records,feedback 9223372036854775807 has a number outside of 1 to 4611686018427387904,"),
            "\(doctor)")
    }

    @Test("where no number is left, clients are told to ask the operator, and the log says why in one line")
    func noNumber() async throws {
        let change = try await api.clinic.shell(
            "sqlite3 avicenna.db \"INSERT INTO imports VALUES (9223372036854775807, 'x', 0, 0, 1)\"")
        #expect(change.status == 0, "\(change.errors)")
        let answer = try await submit()
        #expect(answer.status == 503)
        #expect(answer["Content-Type"] == "application/problem+json")
        #expect(answer.body.contains("the database cannot take new records until its operator mends it; ask them"))
        let reason =
            "avicenna.db: table imports has no free number after 9223372036854775807; give that row its right number, or restore a backup"
        #expect(try await api.server.errors(once: reason).contains(reason))
        // Nothing was written.
        #expect(try await api.sql("SELECT count(*) FROM feedback") == "3000")
    }
}
