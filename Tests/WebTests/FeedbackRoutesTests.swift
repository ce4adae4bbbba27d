import Domain
import Store
import TestSupport
import Testing

@testable import Web

@Suite(.timeLimit(.minutes(5))) struct FeedbackRoutesTests {
    private let api: TestAPI
    private let patient: String
    private let other: String
    private let service: String

    init() async throws {
        api = try await TestAPI(isPublished: false)
        patient = try await api.token(.patient, patient: 1, subject: "one")
        other = try await api.token(.patient, patient: 2, subject: "two")
        service = try await api.token(.service, subject: "platform")
    }

    private func submit(
        _ token: String? = nil, on recommendation: Int = 1, _ members: String = "", headers: [String: String] = [:]
    ) async throws -> TestAnswer {
        try await api.ask(
            .post, "/api/feedback/submit", token ?? patient,
            json: #"{"recommendation_id":\#(recommendation),"rating":5\#(members)}"#, headers: headers)
    }

    private func batch(_ drafts: String, _ members: String = "") async throws -> TestAnswer {
        try await api.ask(
            .post, "/api/feedback/batch/submit", service, json: #"{"feedback":\#(drafts)\#(members)}"#)
    }

    // MARK: Giving

    @Test("writes feedback as it was given, with the next number and the present instant")
    func submission() async throws {
        let answer = try await submit(
            patient,
            #","symptom_improvement":4,"compliance":0.75,"side_effects":["Nausea; headache"],"comment":" good ""#)
        #expect(answer.status == 201)
        #expect(
            answer.body == #"{"id":50,"recommendation_id":1,"rating":5,"symptom_improvement":4,"compliance":0.75,"#
                + #""side_effects":["Nausea","headache"],"comment":"good","created_at":"2026-10-20T09:00:00Z"}"#)
        #expect(answer["Cache-Control"] == "no-store")
        let written = try api.database.readClinic { records, _ in try records.feedback(FeedbackID(rawValue: 50)) }
        #expect(written?.comment == "good" && written?.recommendation == RecommendationID(rawValue: 1))
    }

    @Test("followers of the diagnosis get a feedback_update")
    func update() async throws {
        let before = try api.database.latestSequence()
        #expect(try await submit().status == 201)
        let deltas = try api.database.outbox(after: before, limit: 10) { _ in true }.deltas
        #expect(deltas.map(\.change.kind) == [.feedback, .effectiveness])
        #expect(deltas.allSatisfy { $0.diagnosis == DiagnosisID(rawValue: 1) })
    }

    @Test("patients judge what was recommended to them, and learn nothing of what was not")
    func ownership() async throws {
        let (others, unknown) = (try await submit(on: 3), try await submit(on: 999))
        #expect(others.status == 404 && unknown.status == 404)
        #expect(others.json["detail"] == "there is no recommendation 3")
        #expect(unknown.json["detail"] == "there is no recommendation 999")
        #expect(try await submit(service, on: 3).status == 201)
    }

    @Test("counts a request with the same key once, and refuses the key for another one")
    func idempotency() async throws {
        let key = ["Idempotency-Key": "a-1"]
        let first = try await submit(headers: key)
        let second = try await submit(headers: key)
        #expect(first.status == 201 && second.status == 201 && first.body == second.body)
        let third = try await submit(patient, #","comment":"x""#, headers: key)
        #expect(third.status == 409)
        #expect(third.json["detail"] == "this Idempotency-Key was used for another request; take a new one")
        // Keys are of their sender.
        #expect(try await submit(service, headers: key).status == 201)
        #expect(try api.feedbackCount == 51)
        #expect(try await submit(headers: ["Idempotency-Key": ""]).status == 422)
    }

    @Test(
        "refuses a judgement that is not as it must be",
        arguments: [
            (#"{"rating":4}"#, "recommendation_id"), (#"{"recommendation_id":1}"#, "rating"),
            (#"{"recommendation_id":1,"rating":0}"#, "rating"), (#"{"recommendation_id":1,"rating":4.5}"#, "rating"),
            (#"{"recommendation_id":1,"rating":4,"compliance":1.1}"#, "compliance"),
            (#"{"recommendation_id":1,"rating":4,"symptom_improvement":6}"#, "symptom_improvement"),
            (#"{"recommendation_id":1,"rating":4,"side_effects":"x"}"#, "side_effects"),
            (#"{"recommendation_id":1,"rating":4,"comment":"\#(String(repeating: "x", count: 501))"}"#, "comment"),
        ])
    func invalidJudgements(body: String, field: String) async throws {
        let answer = try await api.ask(.post, "/api/feedback/submit", patient, json: body)
        #expect(answer.status == 422)
        #expect(answer.json["errors"]?.entries.map { $0["field"]?.string } == [field])
        #expect(try api.feedbackCount == 49)
    }

    @Test("writes batches as a whole, unless they say otherwise")
    func batches() async throws {
        let drafts = #"[{"recommendation_id":1,"rating":5},{"recommendation_id":999999,"rating":5}]"#
        let refused = try await batch(drafts)
        #expect(refused.status == 404)
        #expect(refused.json["errors"]?[0]?["field"] == "feedback[1]")
        #expect(refused.json["detail"]?.string?.hasPrefix("nothing was written: feedback[1]: ") == true)
        #expect(try api.feedbackCount == 49)
        let parts = try await batch(drafts, #","all_or_nothing":false"#)
        #expect(parts.status == 201)
        #expect(parts.json["written"] == 1)
        #expect(parts.json["results"]?[0]?["record"]?["id"] == 50 && parts.json["results"]?[0]?["problem"] == .null)
        #expect(parts.json["results"]?[1]?["record"] == .null)
        #expect(parts.json["results"]?[1]?["problem"]?["status"] == 404)
        func many(_ count: Int) -> String {
            "[" + Array(repeating: #"{"recommendation_id":1,"rating":5}"#, count: count).joined(separator: ",") + "]"
        }
        #expect(try await batch(many(51)).status == 422)
        #expect(try await batch("[]").status == 422)
        #expect(try await batch(many(50)).json["written"] == 50)
    }

    // MARK: Changing

    @Test("its author replaces a judgement, and nobody else but an admin")
    func edit() async throws {
        #expect(try await submit(patient, #","comment":"first""#).status == 201)
        func edit(_ token: String, _ id: Int = 50) async throws -> TestAnswer {
            try await api.ask(.put, "/api/feedback/\(id)", token, json: #"{"rating":2}"#)
        }
        let edited = try await edit(patient)
        #expect(edited.status == 200 && edited.json["rating"] == 2 && edited.json["comment"] == .null)
        #expect(edited.json["created_at"] == "2026-10-20T09:00:00Z")
        #expect(try await edit(other).status == 404)
        #expect(try await edit(try await api.token(.clinician)).status == 403)
        #expect(try await edit(try await api.token(.admin)).status == 200)
        #expect(try await edit(patient, 999).status == 404)
        // What came with a file is its patient's to change as well, but this one is too old.
        #expect(try await edit(patient, 1).status == 403)
    }

    @Test("a judgement can be changed for 48 hours")
    func editTime() async throws {
        #expect(try await submit().status == 201)
        api.clock.advance(seconds: 48 * 3600)
        #expect(try await api.ask(.put, "/api/feedback/50", patient, json: #"{"rating":2}"#).status == 200)
        api.clock.advance(seconds: 1)
        let late = try await api.ask(.put, "/api/feedback/50", patient, json: #"{"rating":3}"#)
        #expect(late.status == 403)
        #expect(late.json["detail"] == "it was given more than 48 h ago, and can no longer be changed")
        #expect(try await api.ask(.delete, "/api/feedback/50", patient).status == 403)
    }

    @Test("what is withdrawn is gone, once and for all")
    func withdrawal() async throws {
        #expect(try await submit().status == 201)
        let withdrawn = try await api.ask(.delete, "/api/feedback/50", patient)
        #expect(withdrawn.status == 200 && withdrawn.json["id"] == 50 && withdrawn.json["rating"] == 5)
        #expect(try await api.ask(.put, "/api/feedback/50", patient, json: #"{"rating":2}"#).status == 404)
        let history = try await api.get("/api/feedback/diagnosis/1/history", patient)
        #expect(history["feedback"]?.entries.map { $0["id"]?.wholeNumber } == [1])
    }

    // MARK: Reading

    @Test("pages of the history follow each other, the newest first")
    func history() async throws {
        for _ in 1...7 { _ = try await submit() }
        _ = try await submit(other, on: 3)
        let path = "/api/feedback/diagnosis/1/history"
        func ids(_ page: JSON) -> [Int64?] { page["feedback"]?.entries.map { $0["id"]?.wholeNumber } ?? [] }
        let whole = try await api.get(path, patient)
        #expect(ids(whole) == (50...56).reversed() + [1] && whole["next_cursor"] == .null)
        var paged: [Int64?] = []
        var next: String? = ""
        while let cursor = next {
            let page = try await api.get(path + "?limit=3" + (cursor.isEmpty ? "" : "&cursor=\(cursor)"), patient)
            #expect(ids(page).count <= 3)
            paged += ids(page)
            next = page["next_cursor"]?.string
        }
        #expect(paged == ids(whole))
        #expect(try await api.ask(.get, path, other).status == 404)
        #expect(try await api.ask(.get, path + "?limit=201", patient).status == 422)
        #expect(try await api.ask(.get, path + "?cursor=x", patient).status == 422)
    }

    @Test("the overview sums up each recommendation of a diagnosis, and all together")
    func overview() async throws {
        _ = try await submit(patient, #","symptom_improvement":3,"side_effects":["nausea"]"#)
        let overview = try await api.get("/api/feedback/diagnosis/1/overview", patient)
        #expect(overview["diagnosis_id"] == 1 && overview["condition"] == "insomnia")
        #expect(overview["samples"] == 2 && overview["mean_rating"] == .number(4.5))
        #expect(overview["mean_improvement"] == .number(3) && overview["mean_compliance"] == .null)
        let (saffron, mint) = (overview["recommendations"]?[0], overview["recommendations"]?[1])
        #expect(saffron?["herb"] == "saffron" && saffron?["samples"] == 2)
        #expect(saffron?["side_effects"] == [["name": "nausea", "count": 1]] && saffron?["side_effects_total"] == 1)
        #expect(saffron?["newest_at"] == "2026-10-20T09:00:00Z")
        #expect(mint?["herb"] == "mint" && mint?["samples"] == 0)
        #expect(mint?["mean_rating"] == .null && mint?["newest_at"] == .null)
        #expect(try await api.ask(.get, "/api/feedback/diagnosis/1/overview", other).status == 404)
    }
}
