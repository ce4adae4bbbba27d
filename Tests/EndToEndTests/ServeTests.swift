import Foundation
import TestSupport
import Testing

/// The REST API and the relay, as processes and clients of them see both.
@Suite(.endToEnd, .serialized, .timeLimit(.minutes(30))) struct ServeTests {
    private let api: ServedAPI

    init() async throws {
        api = try await ServedAPI()
    }

    /// The next message.
    private func message(_ follower: RawWebSocket) throws -> (type: String, sequence: Int) {
        var frame = try follower.read()
        while frame.opcode != 1 {
            if frame.opcode == 9 { follower.send(RawWebSocket.frame(10, frame.payload)) }
            frame = try follower.read()
        }
        let message = try JSONSerialization.jsonObject(with: Data(frame.payload)) as? [String: Any]
        return (try #require(message?["type"] as? String), try #require(message?["seq"] as? Int))
    }

    /// Commands print nine decimals.
    private func expectEqual(_ told: Double?, _ printed: Substring) {
        let difference = abs((told ?? .nan) - (Double(printed) ?? .nan))
        #expect(difference < 1e-9, "\(told ?? .nan) is not \(printed)")
    }

    /// A recommendation of a patient, with its diagnosis, which is not active until there is new feedback on it.
    private func someRecommendation() async throws -> (recommendation: Int, diagnosis: Int, patient: Int) {
        let active = try await api.clinic.results("predictions --level balanced").compactMap { $0["diagnosis_id"] }
        let row = try await api.sql(
            """
            SELECT recommendation_id, diagnosis_id, patient_id FROM recommendations JOIN diagnoses USING (diagnosis_id)
            WHERE diagnosis_id NOT IN (\(Set(active).joined(separator: ","))) ORDER BY 1 LIMIT 1
            """
        ).split(separator: "|").compactMap { Int($0) }
        return (row[0], row[1], row[2])
    }

    // MARK: The whole way

    @Test(.timeLimit(.minutes(30))) func fiveFeedbacksReachFollowersResultsAndTheNextRunAlike() async throws {
        let (recommendation, diagnosis, patient) = try await someRecommendation()
        let token = try await api.clinic.token("--patient \(patient)")
        let staff = try await api.clinic.token("--clinician")
        var follower = try api.clinic.follow(api.server, diagnosis, staff)
        let connect = try message(follower)
        #expect(connect.type == "connect")
        for rating in [5, 4, 2, 5, 1] {
            let answer = try await api.ask(
                "POST", "/api/feedback/submit", token,
                json: #"{"recommendation_id":\#(recommendation),"rating":\#(rating)}"#)
            #expect(answer.status == 201, "\(answer.body)")
        }
        var kinds: [String: Int] = [:]
        var last = connect.sequence
        while kinds["effectiveness_update"] == nil || kinds["recommendation_update"] == nil {
            // A machine so busy that pings were not answered in time has it reconnect.
            guard let next = try? message(follower) else {
                follower = try api.clinic.follow(api.server, diagnosis, staff, since: last)
                #expect(try message(follower).type == "connect")
                continue
            }
            kinds[next.type, default: 0] += 1
            last = next.sequence
        }
        #expect(kinds["feedback_update"] == 5)

        // What the API says is what the command says.
        let told = try await api.ask("GET", "/api/recommendation/\(recommendation)/effectiveness", staff)
        let results = {
            try await api.clinic.shell(
                "for t in effectiveness trends cohorts predictions; do avicenna results $t --format csv; done"
            ).output
        }
        let published = try await results()
        let row = try #require(
            published.split(separator: "\n").first { $0.hasPrefix("recommendation,\(recommendation),all,") })
        let cells = row.split(separator: ",")
        #expect(told.value("figures", "windows", "all", "samples", as: Int.self) == Int(cells[3]))
        expectEqual(told.value("figures", "windows", "all", "effectiveness"), cells[5])
        expectEqual(told.value("figures", "windows", "all", "adjusted"), cells[9])
        let predicted = try await api.ask("GET", "/api/predictions/diagnosis/\(diagnosis)/predict", staff)
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
            try await api.clinic.shell(
                "avicenna run nightly --as-of $(date -u +%F) --only effectiveness,trends,cohorts,scores"
            )
            .status == 0)
        #expect(try await results() == published)
        let rerun = try await api.sql(
            "SELECT sum(rows_written) FROM run_stages WHERE run_id = (SELECT max(run_id) FROM runs)")
        #expect(rerun == "0")
    }

    // MARK: Nothing lost, nothing twice

    @Test(.timeLimit(.minutes(30))) func tenThousandFeedbacksCountOnceHoweverOftenTheServerIsKilled() async throws {
        let port = api.server.port
        let recommendations = try await api.sql(
            "SELECT max(recommendation_id) FROM recommendations WHERE recommendation_id <= (SELECT count(*) FROM recommendations)"
        )
        let before = try #require(Int(try await api.sql("SELECT count(*) FROM feedback")))
        let token = try await api.clinic.token("--service --lifetime 7200")
        async let submitting = Task.detached {
            try await api.clinic.shell(
                "python3 \"$SCRIPTS/api_submitters.py\" \(port) \(token) 100 100 \(recommendations)")
        }.value
        var current: ServerProcess? = api.server
        for round in 1...3 {
            try await waitUntil("enough was submitted") {
                (Int(try await api.sql("SELECT count(*) FROM feedback")) ?? 0) >= before + round * 2000
            }
            try await current?.end(with: SIGKILL)
            current = nil
            current = try await ServerProcess(in: api.clinic.folder, command: "serve", port: port)
        }
        let run = try await submitting
        #expect(run.status == 0, "\(run.errors)")
        let answered = run.output.split(separator: "\n").compactMap { Int($0) }
        #expect(Set(answered).count == 10_000)
        #expect(try await api.sql("SELECT count(*) FROM feedback") == "\(before + 10_000)")
        #expect(
            try await api.sql("SELECT count(DISTINCT comment) FROM feedback_notes WHERE comment GLOB '[0-9]*-[0-9]*'")
                == "10000")
        let known = Set(
            try await api.sql("SELECT feedback_id FROM feedback").split(separator: "\n").compactMap { Int($0) })
        #expect(known.isSuperset(of: answered))
        #expect(try await api.clinic.shell("avicenna audit verify").status == 0)
        withExtendedLifetime(current) {}
    }

    // MARK: Commands

    @Test func theAuditLogIsVerifiedByACommand() async throws {
        let token = try await api.clinic.token("--service")
        // The first entry is of the import.
        let imported = try await api.clinic.shell("avicenna audit verify")
        #expect(imported.output.hasPrefix("1 entry, as it was written, the newest is 1:"), "\(imported.output)")
        for rating in 1...3 {
            let answer = try await api.ask(
                "POST", "/api/feedback/submit", token, json: #"{"recommendation_id":1,"rating":\#(rating)}"#)
            #expect(answer.status == 201)
        }
        let sound = try await api.clinic.shell("avicenna audit verify")
        let match = try #require(
            sound.output.firstMatch(of: /^4 entries, all as they were written, the newest is (4:[0-9a-f]{64})\n$/))
        #expect(try await api.clinic.shell("avicenna audit verify --noted \(match.1)").status == 0)
        _ = try await api.clinic.shell("sqlite3 avicenna.db 'UPDATE audit SET subject = \"other\" WHERE audit_id = 3'")
        let broken = try await api.clinic.shell("avicenna audit verify")
        #expect(broken.status == 65)
        #expect(broken.errors.contains("entry 3 (feedback.submit "))
        #expect(broken.errors.split(separator: "\n").count == 1)
        #expect(try await api.clinic.shell("avicenna audit verify --noted 3").status == 64)
    }

    @Test func whatIsMissingIsSaidBeforeAnybodyIsServed() async throws {
        let jobs = try await api.clinic.shell("mkdir empty; avicenna serve --port 0 --jobs empty")
        #expect([66, 78].contains(jobs.status), "\(jobs.status)")
        #expect(jobs.errors.contains("feedback"))
        #expect(jobs.errors.split(separator: "\n").count == 1)
        let secret = try await api.clinic.shell("echo 'port: 0' > bare.yaml; avicenna serve --config bare.yaml")
        #expect(secret.status == 78)
        #expect(secret.errors.contains("token_secret_file"))
        let origins = try await api.clinic.shell("AVICENNA_ALLOWED_ORIGINS=example.com avicenna serve --port 0")
        #expect(origins.status == 78)
        #expect(origins.errors.contains("https://app.clinic.example"))
    }
}
