import Domain
import Store
import TestSupport
import Testing

@testable import Web

/// How much feedback a patient may give on one recommendation on one day.
@Suite(.timeLimit(.minutes(5))) struct FeedbackLimitTests {
    private let api: TestAPI
    private let token: String

    init() async throws {
        api = try await TestAPI(isPublished: false) { settings in
            settings.api.feedbackPerDay = 3
            settings.timezone = try #require(ClinicTimeZone(identifier: "Asia/Tehran"))
        }
        token = try await api.token(.patient, patient: 1)
    }

    private static let draft = #"{"recommendation_id":1,"rating":4}"#

    private func submit(_ count: Int, _ token: String, isWhole: Bool = true) async throws -> TestAnswer {
        guard count > 1 else { return try await api.ask(.post, "/api/feedback/submit", token, json: Self.draft) }
        let drafts = Array(repeating: Self.draft, count: count).joined(separator: ",")
        return try await api.ask(
            .post, "/api/feedback/batch/submit", token, json: #"{"feedback":[\#(drafts)],"all_or_nothing":\#(isWhole)}"#
        )
    }

    @Test("takes three a day, until it is midnight at the clinic")
    func threeADay() async throws {
        for _ in 1...3 { #expect(try await submit(1, token).status == 201) }
        let before = try api.feedbackCount
        // 9:00 UTC is 12:30 in Tehran.
        let wait = (11 * 60 + 30) * 60
        for count in [1, 2] {
            let refused = try await submit(count, token)
            #expect(refused.status == 429)
            #expect(refused["Content-Type"] == "application/problem+json")
            let detail = try #require(refused.json["detail"]?.string)
            #expect(detail.contains("recommendation 1 has 3 feedback of today"), "\(detail)")
            #expect(refused["Retry-After"] == "\(wait)")
        }
        #expect(try api.feedbackCount == before)
        // Another recommendation has a limit of its own.
        let other = try await api.ask(
            .post, "/api/feedback/submit", token, json: #"{"recommendation_id":2,"rating":4}"#)
        #expect(other.status == 201)
        // What is given by the clinic's own programs is not limited; by its staff it is.
        #expect(try await submit(1, try await api.token(.clinician)).status == 429)
        #expect(try await submit(1, try await api.token(.service)).status == 201)
        #expect(try await submit(2, try await api.token(.admin)).status == 201)
        #expect(try api.database.auditReport(against: nil).problems.isEmpty)

        api.clock.advance(seconds: Int64(wait) - 1)
        #expect(try await submit(1, token)["Retry-After"] == "1")
        api.clock.advance(seconds: 1)
        #expect(try await submit(1, token).status == 201)
    }

    @Test("takes a batch as a whole, or as far as it may be")
    func batches() async throws {
        let before = try api.feedbackCount
        let refused = try await submit(4, token)
        #expect(refused.status == 429)
        #expect(refused.json["errors"]?[0]?["field"] == "feedback[3]")
        #expect(try api.feedbackCount == before)
        let parts = try await submit(5, token, isWhole: false)
        #expect(parts.status == 201)
        #expect(parts.json["written"] == 3)
        #expect(parts.json["results"]?.entries.map { $0["problem"]?["status"] } == [nil, nil, nil, 429, 429])
    }

    @Test("counts what was withdrawn")
    func withdrawnFeedback() async throws {
        for _ in 1...3 {
            let id = try #require(try await submit(1, token).json["id"]?.wholeNumber)
            #expect(try await api.ask(.delete, "/api/feedback/\(id)", token).status == 200)
        }
        #expect(try await submit(1, token).status == 429)
    }

    @Test("is named in the description")
    func description() async throws {
        let document = try await api.ask(.get, "/openapi.json")
        #expect(document.body.contains("At most 3 on one recommendation are taken on one day of the clinic"))
    }
}
