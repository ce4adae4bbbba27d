import Domain
import TestSupport
import Testing

@testable import Web

/// A recommendation is of one patient: what was said of it is for them and for staff.
@Suite(.timeLimit(.minutes(5))) struct FeedbackFigureRoutesTests {
    private static let paths = [
        "/api/feedback/recommendation/1/summary", "/api/feedback/recommendation/1/trend",
        "/api/feedback/side-effects/1", "/api/feedback/recommendation/1/most-effective",
    ]
    private static let withheld =
        #"{"withheld":true,"reason":"figures of few patients are shown only to the patients themselves and to the clinic's staff"}"#

    private let api: TestAPI
    private let patient: String
    private let staff: String

    init() async throws {
        var clinic = TestClinic.served
        let first = RecommendationID(rawValue: 1)
        clinic.rate(first, 2, on: day("2026-09-01"), sideEffects: ["Nausea", "headache"])
        clinic.rate(first, 1, on: day("2026-10-18"), sideEffects: ["nausea"])
        clinic.rate(first, 5, on: day("2026-10-18"), deleted: true, sideEffects: ["itch"])
        api = try await TestAPI(clinic)
        patient = try await api.token(.patient, patient: 1)
        staff = try await api.token(.clinician)
    }

    @Test("tells strangers the same of what is not theirs and of what does not exist", arguments: paths)
    func strangers(path: String) async throws {
        for token in [nil, try await api.token(.patient, patient: 2)] {
            #expect(try await api.ask(.get, path, token).body == Self.withheld)
            let unknown = path.replacing("/1", with: "/999")
            #expect(try await api.ask(.get, unknown, token).body == Self.withheld)
        }
        #expect(try await api.ask(.get, path, staff).body != Self.withheld)
    }

    @Test("sums up what was said, without what was withdrawn")
    func summary() async throws {
        for token in [patient, staff] {
            let summary = try await api.get("/api/feedback/recommendation/1/summary", token)
            #expect(summary["withheld"] == false && summary["recommendation_id"] == 1)
            #expect(summary["samples"] == 3 && summary["successes"] == 1)
            #expect(summary["ratings"] == [1, 1, 0, 1, 0])
            #expect(summary["mean_rating"] == .number(7.0 / 3) && summary["mean_improvement"] == .null)
            #expect(summary["side_effects"]?.entries.map { $0["count"] } == [2, 1])
            #expect(summary["side_effects_total"] == 2)
            #expect(summary["newest_at"] == "2026-10-18T12:00:00Z")
        }
    }

    @Test("shows how it changed by month")
    func trend() async throws {
        let trend = try await api.get("/api/feedback/recommendation/1/trend", patient)
        #expect(
            trend["months"] == [
                ["month": "2026-09", "samples": 1, "mean_rating": .number(2)],
                ["month": "2026-10", "samples": 2, "mean_rating": .number(2.5)],
            ])
    }

    @Test("lists side effects, the most frequent first")
    func sideEffects() async throws {
        let told = try await api.get("/api/feedback/side-effects/1", staff)
        #expect(told["samples"] == 3 && told["side_effects_total"] == 2)
        #expect(told["side_effects"]?.entries.map { $0["name"]?.string?.lowercased() } == ["nausea", "headache"])
    }

    @Test("ranks the treatments of the condition for staff, and shows patients what is released of them")
    func mostEffective() async throws {
        let path = "/api/feedback/recommendation/1/most-effective"
        let exact = try await api.get(path, staff)
        #expect(exact["exact"] == true && exact["as_of"] == "2026-10-20")
        #expect(
            exact["treatments"]?.entries.map { $0["subject"]?.string } == ["saffron|insomnia", "mint|insomnia"])
        // Nothing is released yet.
        #expect(try await api.ask(.get, path, patient).json["exact"] != true)
        let unknown = try await api.ask(.get, "/api/feedback/recommendation/999/most-effective", staff)
        #expect(unknown.body == Self.withheld)
    }

    @Test("all feedback together is for staff, and for others as far as it is released")
    func statistics() async throws {
        let exact = try await api.get("/api/feedback/statistics", staff)
        #expect(exact["exact"] == true)
        let all = exact["figures"]?["windows"]?["all"]
        #expect(all?["samples"] == 51 && all?["successes"] == 29)
        for token in [nil, patient] {
            #expect(try await api.ask(.get, "/api/feedback/statistics", token).body == Self.withheld)
        }
    }
}
