import Foundation
import TestSupport
import Testing

/// The REST API and the relay, as processes and clients of them see both.
@Suite(.serialized) struct ServeTests {
    private let clinic: ServedClinic
    private let server: ServerProcess

    init() throws {
        clinic = try ServedClinic(settings: "rate_limit: 0\n")
        #expect(try clinic.shell("avicenna run feedback -q").status == 0)
        server = try ServerProcess(in: clinic.folder, command: "serve")
    }

    private func ask(
        _ method: String = "GET", _ path: String, _ token: String? = nil, json: String? = nil,
        headers: [String: String] = [:]
    ) async throws -> HTTPExchange {
        try await HTTPExchange(method, path, port: server.port, token: token, json: json, headers: headers)
    }

    private func sql(_ query: String) throws -> String {
        try clinic.shell("sqlite3 -readonly avicenna.db \"\(query)\"").output.trimmingCharacters(
            in: .whitespacesAndNewlines)
    }

    /// The type of the next message.
    private func type(_ follower: RawWebSocket) throws -> String {
        var frame = try follower.read()
        while frame.opcode != 1 { frame = try follower.read() }
        let message = try JSONSerialization.jsonObject(with: Data(frame.payload))
        return (message as? [String: Any])?["type"] as? String ?? ""
    }

    /// Commands print nine decimals.
    private func expectEqual(_ told: Double?, _ printed: Substring) {
        let difference = abs((told ?? .nan) - (Double(printed) ?? .nan))
        #expect(difference < 1e-9, "\(told ?? .nan) is not \(printed)")
    }

    /// A recommendation of a patient, with its diagnosis, which is not active until there is new feedback on it.
    private func someRecommendation() throws -> (recommendation: Int, diagnosis: Int, patient: Int) {
        let row = try sql(
            """
            SELECT recommendation_id, diagnosis_id, patient_id FROM recommendations JOIN diagnoses USING (diagnosis_id)
            WHERE diagnosis_id NOT IN (SELECT diagnosis_id FROM predictions) ORDER BY 1 LIMIT 1
            """
        ).split(separator: "|").compactMap { Int($0) }
        return (row[0], row[1], row[2])
    }

    // MARK: The whole way

    @Test(.timeLimit(.minutes(5))) func fiveFeedbacksReachFollowersResultsAndTheNextRunAlike() async throws {
        let (recommendation, diagnosis, patient) = try someRecommendation()
        let token = try clinic.token("--patient \(patient)")
        let follower = try clinic.follow(server, diagnosis, token)
        #expect(try type(follower) == "connect")
        for rating in [5, 4, 2, 5, 1] {
            let answer = try await ask(
                "POST", "/api/feedback/submit", token,
                json: #"{"recommendation_id":\#(recommendation),"rating":\#(rating)}"#)
            #expect(answer.status == 201, "\(answer.body)")
        }
        var kinds: [String: Int] = [:]
        while kinds["effectiveness_update"] == nil || kinds["recommendation_update"] == nil {
            kinds[try type(follower), default: 0] += 1
        }
        #expect(kinds["feedback_update"] == 5)

        // What the API says is what the command says.
        let told = try await ask("GET", "/api/recommendation/\(recommendation)/effectiveness", token)
        let results = {
            try clinic.shell(
                "for t in effectiveness trends cohorts predictions; do avicenna results $t --format csv; done"
            ).output
        }
        let published = try results()
        let row = try #require(
            published.split(separator: "\n").first { $0.hasPrefix("recommendation,\(recommendation),all,") })
        let cells = row.split(separator: ",")
        #expect(told.value("figures", "windows", "all", "samples", as: Int.self) == Int(cells[3]))
        expectEqual(told.value("figures", "windows", "all", "effectiveness"), cells[5])
        expectEqual(told.value("figures", "windows", "all", "adjusted"), cells[9])
        let predicted = try await ask("GET", "/api/predictions/diagnosis/\(diagnosis)/predict", token)
        #expect(predicted.value("source", as: String.self) == "run")
        let scored = try #require(
            published.split(separator: "\n").first {
                $0.hasPrefix("\(diagnosis),\(recommendation),") && $0.contains(",balanced,")
            })
        let scores = scored.split(separator: ",")
        let place = try #require(Int(scores[4]))
        expectEqual(predicted.value("predictions", .position(place - 1), "score"), scores[5])

        // The next run of everything finds nothing to change.
        #expect(
            try clinic.shell("avicenna run nightly --as-of $(date -u +%F) --only effectiveness,trends,cohorts,scores")
                .status == 0)
        #expect(try results() == published)
        let rerun = try sql("SELECT sum(rows_written) FROM run_stages WHERE run_id = (SELECT max(run_id) FROM runs)")
        #expect(rerun == "0")
    }

    @Test(.timeLimit(.minutes(5))) func aPredictionIsComputedAnewOnceItsFeedbackChanged() async throws {
        let (recommendation, diagnosis, patient) = try someRecommendation()
        let token = try clinic.token("--patient \(patient)")
        let service = try clinic.token("--service")
        #expect(try await ask("POST", "/api/analytics/calculate/\(recommendation)", service).status == 200)
        let path = "/api/predictions/diagnosis/\(diagnosis)/predict"
        _ = try await ask(
            "POST", "/api/feedback/submit", token, json: #"{"recommendation_id":\#(recommendation),"rating":5}"#)
        let fresh = try await ask("GET", path, token)
        #expect(fresh.value("source", as: String.self) == "computed")
        #expect(try await ask("POST", "/api/analytics/calculate/\(recommendation)", service).status == 200)
        let published = try await ask("GET", path, token)
        #expect(published.value("source", as: String.self) == "run")
        let scores = { (exchange: HTTPExchange) in
            (exchange.value("predictions", as: [[String: Any]].self) ?? []).map {
                "\($0["recommendation_id"] ?? "") \($0["score"] ?? "")"
            }
        }
        #expect(scores(fresh) == scores(published))
        #expect(!scores(fresh).isEmpty)
        for (language, word) in [("en", "History"), ("fa", "پیشینه"), ("ar", "السجل")] {
            let reasoned = try await ask("GET", path, token, headers: ["Accept-Language": language])
            let first: String? = reasoned.value("predictions", 0, "reasoning", 0)
            #expect(first?.hasPrefix(word) == true, "\(first ?? reasoned.body)")
        }
        let aggressive = try await ask(
            "GET", "/api/predictions/diagnosis/\(diagnosis)/optimize?level=aggressive", token)
        #expect(aggressive.value("level", as: String.self) == "aggressive")
        // Who the similar patients are is for staff to see.
        #expect(try await ask("GET", path + "?similar_patients=true", token).status == 403)
        #expect(try await ask("GET", path + "?similar_patients=true", service).status == 200)
    }

    // MARK: Nothing lost, nothing twice

    @Test(.timeLimit(.minutes(10))) func tenThousandFeedbacksCountOnceHoweverOftenTheServerIsKilled() async throws {
        let port = server.port
        let recommendations = try sql(
            "SELECT max(recommendation_id) FROM recommendations WHERE recommendation_id <= (SELECT count(*) FROM recommendations)"
        )
        let before = try #require(Int(try sql("SELECT count(*) FROM feedback")))
        let token = try clinic.token("--service --lifetime 7200")
        async let submitting = Task.detached {
            try clinic.shell("python3 \"$CHECKS/api_submitters.py\" \(port) \(token) 100 100 \(recommendations)")
        }.value
        var current: ServerProcess? = server
        for round in 1...3 {
            while (Int(try sql("SELECT count(*) FROM feedback")) ?? 0) < before + round * 2000 { await Task.yield() }
            current?.end(with: SIGKILL)
            current = nil
            current = try ServerProcess(in: clinic.folder, command: "serve", port: port)
        }
        let run = try await submitting
        #expect(run.status == 0, "\(run.errors)")
        let answered = run.output.split(separator: "\n").compactMap { Int($0) }
        #expect(Set(answered).count == 10_000)
        #expect(try sql("SELECT count(*) FROM feedback") == "\(before + 10_000)")
        #expect(
            try sql("SELECT count(DISTINCT comment) FROM feedback_notes WHERE comment GLOB '[0-9]*-[0-9]*'") == "10000")
        let known = Set(try sql("SELECT feedback_id FROM feedback").split(separator: "\n").compactMap { Int($0) })
        #expect(known.isSuperset(of: answered))
        #expect(try clinic.shell("avicenna audit verify").status == 0)
        withExtendedLifetime(current) {}
    }
}
