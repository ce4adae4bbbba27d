import Domain
import TestSupport
import Testing

@testable import Web

@Suite(.timeLimit(.minutes(5))) struct AnalyticsRoutesTests {
    private let api: TestAPI
    private let patient: String
    private let staff: String

    init() async throws {
        api = try await TestAPI()
        patient = try await api.token(.patient, patient: 1)
        staff = try await api.token(.clinician)
    }

    private func submit(_ count: Int = 1) async throws {
        for _ in 0..<count {
            let answer = try await api.ask(
                .post, "/api/feedback/submit", patient, json: #"{"recommendation_id":1,"rating":1}"#)
            #expect(answer.status == 201)
        }
    }

    // MARK: One patient's

    @Test(
        "staff see what the last run published, and a patient their own feedback as it is now",
        arguments: ["/api/recommendation/1/effectiveness", "/api/analysis/1/effectiveness"])
    func ownFigures(path: String) async throws {
        try await submit()
        let (published, own) = (try await api.get(path, staff), try await api.get(path, patient))
        #expect(published["as_of"] == "2026-10-20" && own["as_of"] == "2026-10-20")
        let (all, ownAll) = (published["figures"]?["windows"]?["all"], own["figures"]?["windows"]?["all"])
        #expect(all?["samples"] == 1 && all?["successes"] == 1 && all?["effectiveness"] == .number(1))
        #expect(ownAll?["samples"] == 2 && ownAll?["successes"] == 1 && ownAll?["effectiveness"] == .number(0.5))
        // What it is adjusted by depends on the feedback of others.
        #expect(all?["adjusted"]?.decimalNumber != nil && ownAll?["adjusted"] == nil)
        #expect(try await api.ask(.get, path, try await api.token(.patient, patient: 2)).status == 404)
        #expect(try await api.ask(.get, path.replacing("/1/", with: "/999/"), staff).status == 404)
        #expect(try await api.ask(.get, path.replacing("/1/", with: "/x/"), staff).status == 422)
    }

    @Test("has no figures of what nobody has judged")
    func noFigures() async throws {
        for token in [patient, staff] {
            let answer = try await api.get("/api/recommendation/2/effectiveness", token)
            #expect(answer["recommendation_id"] == 2 && answer["figures"] == .null)
        }
    }

    // MARK: Of many patients

    @Test("a herb and its treatments are shown to staff, in any spelling, and to nobody else before a release")
    func names() async throws {
        let herb = try await api.get("/api/analytics/herb/%20SAFFRON", staff)
        #expect(herb["exact"] == true && herb["as_of"] == "2026-10-20")
        #expect(herb["figures"]?["subject"] == "saffron")
        #expect(herb["figures"]?["windows"]?["all"]?["samples"] == 25)
        #expect(herb["figures"]?["windows"]?["all"]?["successes"] == 17)
        #expect(herb["treatments"]?.entries.map { $0["subject"]?.string } == ["saffron|insomnia"])
        let condition = try await api.get("/api/analytics/condition/insomnia", staff)
        #expect(condition["figures"]?["windows"]?["all"]?["samples"] == 49)
        #expect(
            condition["treatments"]?.entries.map { $0["subject"]?.string } == ["saffron|insomnia", "mint|insomnia"])
        #expect(try await api.ask(.get, "/api/analytics/herb/nothing", staff).status == 404)
        // A herb is not a condition.
        #expect(try await api.ask(.get, "/api/analytics/condition/saffron", staff).status == 404)
        for path in ["/api/analytics/herb/saffron", "/api/analytics/condition/insomnia", "/api/analytics/herb/nothing"]
        {
            for token in [nil, patient] { #expect(try await api.get(path, token)["withheld"] == true) }
        }
    }

    @Test("lists what works least, the worst first, page by page")
    func worst() async throws {
        let path = "/api/analytics/worst-performing"
        let list = try await api.get(path + "?window=all", staff)
        #expect(list["subjects"]?.entries.map { $0["subject"]?.string } == ["mint|insomnia", "saffron|insomnia"])
        #expect(list["next_cursor"] == .null)
        let herbs = try await api.get(path + "?level=herb&limit=1", staff)
        #expect(herbs["subjects"]?.entries.map { $0["subject"]?.string } == ["mint"])
        let cursor = try #require(herbs["next_cursor"]?.string)
        let rest = try await api.get(path + "?level=herb&limit=1&cursor=\(cursor)", staff)
        #expect(rest["subjects"]?.entries.map { $0["subject"]?.string } == ["saffron"])
        for query in ["level=patient", "level=overall", "window=7", "limit=0", "limit=x"] {
            #expect(try await api.ask(.get, "\(path)?\(query)", staff).status == 422, "\(query)")
        }
        let released = try await api.get(path)
        #expect(released["exact"] != true && released["subjects"]?.entries.isEmpty != false)
    }

    @Test("lists trends for staff alone")
    func trending() async throws {
        let path = "/api/analytics/trending"
        let list = try await api.get(path, staff)
        #expect(list["exact"] == true && list["subjects"]?.entries.isEmpty == true)
        for token in [nil, patient] { #expect(try await api.get(path, token)["withheld"] == true) }
        #expect(try await api.ask(.get, path + "?direction=sideways", staff).status == 422)
    }

    @Test("lists what improves and what declines")
    func directions() async throws {
        var clinic = TestClinic()
        for (herb, early, late) in [("mint", 5, 1), ("fennel", 1, 5)] {
            for _ in 0..<30 {
                let recommendation = clinic.recommendation(
                    herb, for: "pain", to: clinic.patient(), on: day("2026-07-01"))
                clinic.rate(recommendation, early, on: day("2026-08-15"))
                clinic.rate(recommendation, late, on: day("2026-10-10"))
            }
        }
        let api = try await TestAPI(clinic)
        let staff = try await api.token(.admin)
        func subjects(_ query: String) async throws -> [String?] {
            let list = try await api.get("/api/analytics/trending?level=herb\(query)", staff)
            return list["subjects"]?.entries.map { $0["subject"]?.string } ?? []
        }
        #expect(try await subjects("&direction=declining") == ["mint"])
        #expect(try await subjects("&direction=improving") == ["fennel"])
        #expect(Set(try await subjects("")) == ["mint", "fennel"])
    }

    // MARK: Computing

    @Test("computes new feedback, however little, and shows what is published then")
    func calculate() async throws {
        try await submit()
        let answer = try await api.ask(.post, "/api/analytics/calculate/1", staff)
        #expect(answer.status == 200 && answer["Cache-Control"] == "no-store")
        let all = answer.json["figures"]?["windows"]?["all"]
        #expect(all?["samples"] == 2 && all?["successes"] == 1)
        let herb = try await api.get("/api/analytics/herb/saffron", staff)
        #expect(herb["figures"]?["windows"]?["all"]?["samples"] == 26)
        #expect(try await api.ask(.post, "/api/analytics/calculate/999", staff).status == 404)
        #expect(try await api.ask(.post, "/api/analytics/calculate/1", patient).status == 403)
    }

    @Test("computes several, in the order in which they are asked for")
    func calculateBatch() async throws {
        try await submit()
        func calculate(_ ids: [Int]) async throws -> TestAnswer {
            try await api.ask(
                .post, "/api/analytics/batch/calculate", staff, json: #"{"recommendation_ids":\#(ids)}"#)
        }
        let answer = try await calculate([3, 1, 2])
        #expect(answer.status == 200)
        let results = answer.json["results"]
        #expect(results?.entries.map { $0["recommendation_id"] } == [3, 1, 2])
        #expect(results?[0]?["figures"] == .null)
        #expect(results?[1]?["figures"]?["windows"]?["all"]?["samples"] == 2)
        #expect(try await calculate([1, 999]).status == 404)
        for ids in [[], Array(1...101)] { #expect(try await calculate(ids).status == 422) }
    }

    @Test("five feedbacks on one recommendation call for a run by themselves")
    func feedbackTrigger() async throws {
        try await submit(4)
        #expect(try await api.get("/api/analytics/status", staff)["run_id"] == 1)
        try await submit()
        try await waitUntil("the feedback is computed") {
            try await api.get("/api/recommendation/1/effectiveness", staff)["figures"]?["windows"]?["all"]?["samples"]
                == 6
        }
        #expect(try await api.get("/api/analytics/status", staff)["run_id"] == 2)
    }
}
