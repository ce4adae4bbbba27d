import Foundation
import Testing
import TestSupport

/// Attackers with a token or none: no request stalls, crashes or misleads the server.
@Suite(.endToEnd, .serialized, .timeLimit(.minutes(30))) struct HostileNetworkTests {
    private static let settings = "rate_limit: 0\nfeedback_per_day: 1000\n"

    private let clinic: ServedClinic

    init() async throws {
        clinic = try await ServedClinic(settings: Self.settings)
        #expect(try await clinic.shell("avicenna run feedback -q").status == 0)
    }

    @Test("attacks hold no event loop, get small answers, and make nobody else wait", .timeLimit(.minutes(30)))
    func attackers() async throws {
        let run = try await clinic.shell("/usr/bin/python3 $SCRIPTS/attackers.py $BINARY")
        #expect(run.status == 0, "\(run.output)\(run.errors)")
        print("attackers:\n\(run.output)")
    }

    @Test("mutated tokens, heads, bodies and frames find no crash and no error of the server", .timeLimit(.minutes(60)))
    func fuzzer() async throws {
        let run = try await clinic.shell(
            "/usr/bin/python3 $SCRIPTS/network_fuzz.py $BINARY 1 \(LongTests.areEnabled ? 20_000 : 1000)")
        #expect(run.status == 0, "\(run.output)\(run.errors)")
        print("network fuzzer: \(run.output)")
    }

    @Test(
        "answers 503 in time where a computation waits for another process", .timeLimit(.minutes(30)))
    func lockedComputation() async throws {
        let server = try await ServerProcess(in: clinic.folder, command: "serve")
        let other = try await CommandRun.start(
            "/bin/bash", ["-c", "exec 9<avicenna.db.lock; flock 9; exec sleep 100"], in: clinic.folder)
        defer { other.send(SIGKILL) }
        #expect(try await clinic.shell("wait_until is_locked avicenna.db").status == 0)
        let start = ContinuousClock.now
        let answer = try await HTTPExchange(
            "POST", "/api/analytics/calculate/1", port: server.port, token: try await clinic.token("--admin"))
        #expect(answer.status == 503, "\(answer.body)")
        #expect(Int(answer["Retry-After"] ?? "") ?? 0 > 0)
        #expect((25.0...45.0).contains((ContinuousClock.now - start) / .seconds(1)))
        #expect(try await HTTPExchange("GET", "/health", port: server.port).status == 200)
    }

    @Test("lists as many recommendations as fit in a message of 64 KiB, and says how many there are")
    func largeRanking() async throws {
        let folder = try TemporaryFolder()
        let count = 600
        let herbs = (0..<count).map { "\($0) " + String(repeating: "گیاه ", count: 30) }
        try folder.write("patient_id,mizaj_type\n1,garm_tar\n", to: "in/patients.csv")
        try folder.write(
            "diagnosis_id,patient_id,condition,symptoms,created_at\n1,1,x,y,2026-10-01T00:00:00Z\n",
            to: "in/diagnoses.csv")
        try folder.write(
            "recommendation_id,diagnosis_id,herb,created_at\n"
                + herbs.enumerated().map { "\($0 + 1),1,\($1),2026-10-01T00:00:00Z\n" }.joined(),
            to: "in/recommendations.csv")
        try folder.write(
            "feedback_id,recommendation_id,rating,created_at\n1,1,5,2026-10-02T00:00:00Z\n", to: "in/feedback.csv")
        try folder.write(String(repeating: "k", count: 40), to: "secret")
        try folder.write("token_secret_file: secret\n", to: "avicenna.yaml")
        let run = try await CommandRun.shell(
            "chmod 600 secret; avicenna import in -q && avicenna run nightly --as-of 2026-10-20 -q "
                + "--only effectiveness,trends,cohorts,scores; avicenna token --admin", in: folder)
        try #require(run.status == 0, "\(run.errors)")
        let relay = try await ServerProcess(in: folder)
        let token = run.output.trimmingCharacters(in: .whitespacesAndNewlines)
        let socket = try RawWebSocket(
            port: relay.port, path: "/ws/1?since=0", headers: "Authorization: Bearer \(token)\r\n")
        var rankings = 0
        let connect = try socket.read().text
        let replayed = try #require(connect.firstMatch(of: /"replayed":(\d+)/).flatMap { Int($0.1) })
        for _ in 0..<replayed {
            let frame = try socket.read()
            #expect(frame.payload.count <= 64 << 10)
            guard frame.text.contains("recommendation_update") else { continue }
            rankings += 1
            #expect(frame.payload.count > 60_000)
            #expect(frame.text.contains("\"ranking_total\":\(count)}"))
            #expect(frame.text.contains("\"rank\":1,"))
        }
        #expect(rankings == 1)
    }
}
