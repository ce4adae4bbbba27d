import Domain
import TestSupport
import Testing

@testable import Web

@Suite(.timeLimit(.minutes(5))) struct PredictionRoutesTests {
    private let api: TestAPI
    private let patient: String
    private let staff: String
    private static let path = "/api/predictions/diagnosis/1/predict"

    init() async throws {
        api = try await TestAPI()
        patient = try await api.token(.patient, patient: 1)
        staff = try await api.token(.clinician)
    }

    private func submit(rating: Int = 5) async throws {
        let answer = try await api.ask(
            .post, "/api/feedback/submit", patient, json: #"{"recommendation_id":1,"rating":\#(rating)}"#)
        #expect(answer.status == 201)
    }

    private func scores(_ predictions: JSON) -> [String] {
        (predictions["predictions"]?.entries ?? []).map {
            "\($0["recommendation_id"] ?? .null) \($0["rank"] ?? .null) \($0["score"] ?? .null)"
        }
    }

    /// The exact score of the first recommendation, rounded to tenths.
    private func tenths() async throws -> Double {
        let told = try await api.get(Self.path, staff)["predictions"]?.entries.first { $0["recommendation_id"] == 1 }
        return (try #require(told?["score"]?.decimalNumber) * 10).rounded() / 10
    }

    // MARK: Predicting

    @Test("are those of the last run for staff, with what they rest on")
    func ofTheLastRun() async throws {
        let told = try await api.get(Self.path, staff)
        #expect(told["source"] == "run" && told["run_id"] == 1 && told["as_of"] == "2026-10-20")
        #expect(told["computed_at"] == "2026-10-20T09:00:00Z" && told["valid_until"] == "2026-10-21T09:00:00Z")
        #expect(told["level"] == "balanced" && told["condition"] == "insomnia")
        let predictions = told["predictions"]?.entries ?? []
        #expect(predictions.map { $0["herb"] } == ["saffron", "mint"] && predictions.map { $0["rank"] } == [1, 2])
        #expect(predictions.first?["components"]?["historical"]?["samples"] == 25)
        #expect(predictions.first?["components"]?["similar"]?["nearest"] == nil)
    }

    @Test("are computed anew once the feedback of the diagnosis has changed, with the numbers of the next run")
    func changedFeedback() async throws {
        try await submit()
        let fresh = try await api.get(Self.path, staff)
        #expect(fresh["source"] == "computed" && fresh["run_id"] == .null)
        #expect(try await api.ask(.post, "/api/analytics/calculate/1", staff).status == 200)
        let published = try await api.get(Self.path, staff)
        #expect(published["source"] == "run")
        #expect(scores(fresh) == scores(published) && scores(fresh).count == 2)
    }

    @Test("are computed anew a day after the last run")
    func oldRun() async throws {
        api.clock.advance(seconds: 86_399)
        #expect(try await api.get(Self.path, staff)["source"] == "run")
        api.clock.advance(seconds: 1)
        let fresh = try await api.get(Self.path, staff)
        #expect(fresh["source"] == "computed" && fresh["as_of"] == "2026-10-21")
    }

    @Test("give their reasons in the language of the query, else of the header, else of the clinic")
    func languages() async throws {
        for (language, word) in [("en", "History"), ("fa", "پیشینه"), ("ar", "السجل")] {
            for (query, header) in [("", language), ("?language=\(language)", "en"), ("?language=\(language)", "x")] {
                let answer = try await api.ask(
                    .get, Self.path + query, staff, headers: ["Accept-Language": header])
                #expect(answer.json["language"] == .text(language))
                let first = answer.json["predictions"]?[0]?["reasoning"]?[0]?.string
                #expect(first?.hasPrefix(word) == true, "\(first ?? answer.body)")
            }
        }
        #expect(try await api.get(Self.path, staff)["language"] == "en")
        #expect(try await api.ask(.get, Self.path + "?language=de", staff).status == 422)
    }

    @Test("who the similar patients are is for staff to see")
    func similarPatients() async throws {
        let path = Self.path + "?similar_patients=true"
        #expect(try await api.ask(.get, path, patient).status == 403)
        let told = try await api.get(path, staff)
        #expect(told["source"] == "computed")
        let nearest = told["predictions"]?[0]?["components"]?["similar"]?["nearest"]?.entries ?? []
        #expect(!nearest.isEmpty && nearest.allSatisfy { $0["patient_id"]?.wholeNumber != 1 })
    }

    @Test("are coarse for the patient, and stay the same until the first run of the next day")
    func forPatients() async throws {
        let told = try await api.get(Self.path, patient)
        #expect(told["source"] == "run" && told["run_id"] == nil && told["as_of"] == "2026-10-20")
        let first = try #require(told["predictions"]?[0])
        #expect(first["herb"] == "saffron" && first["experience"] == "some")
        #expect(first["score"] == .number(try await tenths()))
        for exact in ["components", "confidence", "samples"] { #expect(first[exact] == nil) }
        let other = try await api.token(.patient, patient: 2)
        for _ in 1...16 {
            let given = try await api.ask(
                .post, "/api/feedback/submit", other, json: #"{"recommendation_id":3,"rating":1}"#)
            #expect(given.status == 201)
        }
        #expect(try await api.ask(.post, "/api/analytics/calculate/3", staff).status == 200)
        #expect(try await api.get(Self.path, patient) == told)
        api.clock.advance(seconds: 86_400)
        try await api.run()
        #expect(try await api.get(Self.path, patient)["predictions"] != told["predictions"])
    }

    @Test("rank as boldly as staff ask for, and balanced for patients")
    func optimize() async throws {
        let path = "/api/predictions/diagnosis/1/optimize"
        let balanced = try await api.get(path, staff)["predictions"]?[0]?["score"]?.decimalNumber ?? 0
        for (level, factor) in [("conservative", 0.85), ("aggressive", 1.15)] {
            let told = try await api.get(path + "?level=\(level)", staff)
            #expect(told["level"] == .text(level))
            let score = told["predictions"]?[0]?["score"]?.decimalNumber ?? 0
            #expect(abs(score - min(1, balanced * factor)) < 1e-9)
            #expect(try await api.get(path + "?level=\(level)", patient)["level"] == "balanced")
        }
        #expect(try await api.ask(.get, path + "?level=reckless", staff).status == 422)
    }

    @Test("come for several diagnoses in their order, where all are the requester's to see")
    func batches() async throws {
        func predict(_ ids: [Int], _ token: String, _ members: String = "") async throws -> TestAnswer {
            try await api.ask(
                .post, "/api/predictions/batch/predict", token, json: #"{"diagnosis_ids":\#(ids)\#(members)}"#)
        }
        let told = try await predict([2, 1], staff, #","language":"fa""#)
        #expect(told.json["results"]?.entries.map { $0["diagnosis_id"] } == [2, 1])
        #expect(told.json["results"]?.entries.map { $0["language"] } == ["fa", "fa"])
        #expect(told.json["results"]?.entries.map { $0["source"] } == ["run", "run"])
        #expect(try await predict([1], patient).json["results"]?[0] == api.get(Self.path, patient))
        #expect(try await predict([1, 2], patient).status == 404)
        #expect(try await predict([1, 999], staff).status == 404)
        for ids in [[], Array(1...21)] { #expect(try await predict(ids, staff).status == 422) }
    }

    @Test(
        "of others and of what does not exist are answered alike",
        arguments: ["predict", "optimize", "evolution", "accuracy"])
    func ownership(name: String) async throws {
        for diagnosis in [2, 999] {
            let answer = try await api.ask(.get, "/api/predictions/diagnosis/\(diagnosis)/\(name)", patient)
            #expect(answer.status == 404)
            #expect(answer.json["detail"] == .text("there is no diagnosis \(diagnosis)"))
        }
    }

    // MARK: Looking back

    @Test("their evolution has what each run published, the oldest first, and exact scores for staff alone")
    func evolution() async throws {
        for _ in 1...4 { try await submit(rating: 1) }
        api.clock.advance(seconds: 86_400)
        try await api.run()
        let path = "/api/predictions/diagnosis/1/evolution"
        let told = try await api.get(path, staff)["evolution"]?.entries ?? []
        let saffron = told.filter { $0["recommendation_id"] == 1 }
        #expect(saffron.map { $0["since"] } == ["2026-10-20", "2026-10-21"])
        #expect(saffron.map { $0["until"] } == ["2026-10-21", .null])
        #expect(saffron.allSatisfy { $0["confidence"]?.decimalNumber != nil })
        let seen = try await api.get(path, patient)["evolution"]?.entries ?? []
        #expect(!seen.isEmpty && seen.allSatisfy { $0["confidence"] == nil })
    }

    @Test("their accuracy compares cases with what had been published on the day before")
    func accuracy() async throws {
        let path = "/api/predictions/diagnosis/1/accuracy"
        // Feedback of the day of the run is not a case of it.
        try await submit()
        #expect(try await api.get(path, staff)["cases"] == 0)
        let score = try await api.get("/api/predictions/diagnosis/1/evolution", staff)["evolution"]?.entries.first {
            $0["recommendation_id"] == 1
        }?["score"]?.decimalNumber
        api.clock.advance(seconds: 86_400)
        try await submit(rating: 1)
        let told = try await api.get(path, staff)
        let predicted = try #require(score)
        #expect(told["cases"] == 1 && told["observed"] == .number(0))
        #expect(told["mean_predicted"]?.decimalNumber == predicted)
        #expect(told["brier_score"]?.decimalNumber == predicted * predicted)
        #expect(told["recommendations"]?.entries.map { $0["recommendation_id"] } == [1])
        // Patients are shown what came of the rounded score that they saw.
        #expect(try await api.get(path, patient)["mean_predicted"] == .number((predicted * 10).rounded() / 10))
    }

    @Test("statistics of a recommendation are for its patient and staff")
    func statistics() async throws {
        let path = "/api/predictions/recommendation/1/prediction-stats"
        let told = try await api.get(path, staff)
        #expect(told["published"] == 1 && told["cases"] == 0 && told["brier_score"] == .null)
        #expect(told["lowest_score"] == told["highest_score"] && told["latest_score"] == told["highest_score"])
        #expect(try await api.get(path, patient)["latest_score"] == .number(try await tenths()))
        for token in [nil, try await api.token(.patient, patient: 2)] {
            #expect(try await api.get(path, token)["withheld"] == true)
        }
    }

    @Test("a profile has what predictions of a patient rest on, for the patient and staff")
    func profile() async throws {
        try await submit()
        for token in [patient, staff] {
            let profile = try await api.get("/api/predictions/patient/1/profile", token)
            #expect(profile["patient"]?["id"] == 1 && profile["diagnoses"] == 1)
            #expect(profile["conditions"] == ["insomnia"])
            let herbs = profile["herbs"]?.entries ?? []
            #expect(herbs.map { $0["herb"] } == ["mint", "saffron"] && herbs.map { $0["samples"] } == [0, 2])
            #expect(herbs.last?["mean_rating"] == .number(4.5))
        }
        #expect(try await api.ask(.get, "/api/predictions/patient/2/profile", patient).status == 404)
        #expect(try await api.ask(.get, "/api/predictions/patient/999/profile", staff).status == 404)
    }
}
