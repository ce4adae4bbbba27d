import Foundation
import TestSupport
import Testing

/// How much feedback a patient may give on one recommendation on one day.
@Suite(.endToEnd, .timeLimit(.minutes(30))) struct FeedbackLimitTests {
    private let api: ServedAPI
    private let recommendation: String
    private let patient: String

    init() async throws {
        api = try await ServedAPI(settings: "rate_limit: 0\ntimezone: Asia/Tehran\n")
        let row = try await api.sql(
            """
            SELECT recommendation_id, patient_id FROM recommendations JOIN diagnoses USING (diagnosis_id)
            ORDER BY recommendation_id LIMIT 1
            """
        ).split(separator: "|").map(String.init)
        (recommendation, patient) = (row[0], row[1])
    }

    private func submit(_ count: Int, _ token: String) async throws -> HTTPExchange {
        let draft = #"{"recommendation_id":\#(recommendation),"rating":4}"#
        guard count > 1 else { return try await api.ask("POST", "/api/feedback/submit", token, json: draft) }
        let drafts = Array(repeating: draft, count: count).joined(separator: ",")
        return try await api.ask("POST", "/api/feedback/batch/submit", token, json: #"{"feedback":[\#(drafts)]}"#)
    }

    @Test func threeADayAreTaken() async throws {
        let token = try await api.clinic.token("--patient \(patient)")
        for _ in 1...3 { #expect(try await submit(1, token).status == 201) }
        let before = try await api.sql("SELECT count(*) FROM feedback")
        for count in [1, 2] {
            let refused = try await submit(count, token)
            #expect(refused.status == 429)
            #expect(refused["Content-Type"] == "application/problem+json")
            let detail: String = try #require(refused.value("detail"))
            #expect(detail.contains("recommendation \(recommendation) has 3 feedback of today"), "\(detail)")
            let wait = try #require(refused["Retry-After"].flatMap { Int($0) })
            #expect((1...86_400).contains(wait))
            // Then it is midnight in Tehran.
            let tomorrow = try #require(HTTPDate(refused["Date"])).seconds + wait
            #expect((tomorrow + 12_600) % 86_400 <= 1 || (tomorrow + 12_600) % 86_400 >= 86_399)
        }
        #expect(try await api.sql("SELECT count(*) FROM feedback") == before)
        // What is given by the clinic's own programs is not limited; by its staff it is.
        #expect(try await submit(1, try await api.clinic.token("--clinician")).status == 429)
        #expect(try await submit(1, try await api.clinic.token("--service")).status == 201)
        #expect(try await submit(2, try await api.clinic.token("--admin")).status == 201)
        #expect(try await api.clinic.shell("avicenna audit verify").status == 0)
    }

    @Test func aBatchIsTakenAsAWholeOrAsFarAsItMayBe() async throws {
        let token = try await api.clinic.token("--patient \(patient)")
        let refused = try await submit(4, token)
        #expect(refused.status == 429)
        #expect(refused.value("errors", 0, "field") == "feedback[3]")
        let drafts = Array(repeating: #"{"recommendation_id":\#(recommendation),"rating":4}"#, count: 5)
        let parts = try await api.ask(
            "POST", "/api/feedback/batch/submit", token,
            json: #"{"feedback":[\#(drafts.joined(separator: ","))],"all_or_nothing":false}"#)
        #expect(parts.status == 201)
        #expect(parts.value("written") == 3)
        #expect(parts.value("results", 4, "problem", "status") == 429)
    }

    @Test func whatIsWithdrawnCounts() async throws {
        let token = try await api.clinic.token("--patient \(patient)")
        for _ in 1...3 {
            let given = try await submit(1, token)
            let id: Int = try #require(given.value("id"))
            #expect(try await api.ask("DELETE", "/api/feedback/\(id)", token).status == 200)
        }
        #expect(try await submit(1, token).status == 429)
    }

    @Test func theDescriptionNamesTheLimit() async throws {
        let document = try await api.ask("GET", "/openapi.json")
        #expect(document.body.contains("At most 3 on one recommendation are taken on one day of the clinic"))
    }

    /// Records of the Persian years that people write are not taken for those of the Middle Ages.
    @Test func recordsOfBefore1900AreRefused() async throws {
        let token = try await api.clinic.token("--service")
        let refused = try await api.ask(
            "POST", "/api/diagnoses", token,
            json: #"{"patient_id":\#(patient),"condition":"x","created_at":"1405-07-28T09:30:00+03:30"}"#)
        #expect(refused.status == 409)
        let detail: String = try #require(refused.value("detail"))
        #expect(detail.hasPrefix("created_at: is before 1900; "), "\(detail)")
    }
}

/// A moment as headers have it, `Sun, 06 Nov 1994 08:49:37 GMT`.
private struct HTTPDate {
    let seconds: Int

    init?(_ text: String?) {
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
        guard let date = text.flatMap(format.date) else { return nil }
        seconds = Int(date.timeIntervalSince1970)
    }
}
