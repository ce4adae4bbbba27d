import Foundation
import Testing
import TestSupport

/// Followers get what changed in their diagnosis: in order, once, and only they.
@Suite(.endToEnd, .timeLimit(.minutes(30))) struct RelayTests {
    typealias Raw = RawWebSocket
    let clinic: ServedClinic
    var folder: TemporaryFolder { clinic.folder }
    /// The option by which curl sends a token.
    let bearer = "-H \"Authorization: Bearer $(avicenna token --service)\""

    init() async throws {
        clinic = try await ServedClinic()
    }

    struct Message: Decodable {
        enum CodingKeys: String, CodingKey {
            case type, seq, at, data
            case diagnosisID = "diagnosis_id"
        }

        var type: String
        var diagnosisID: Int
        var seq: Int
        var at: String
        var data: Content

        struct Content: Decodable {
            var replayed: Int?
            var n: Int?
            var ranking: [Place]?
            var effectiveness: [Subject]?
        }
        struct Place: Decodable {
            enum CodingKeys: String, CodingKey {
                case herb, rank, score
                case recommendationID = "recommendation_id"
            }

            var recommendationID: Int
            var herb: String
            var rank: Int
            var score: Double
        }
        struct Subject: Decodable {
            enum CodingKeys: String, CodingKey {
                case windows
                case recommendationID = "recommendation_id"
            }

            var recommendationID: Int
            var windows: [String: Count?]
        }
        struct Count: Decodable {
            var samples: Int
            var successes: Int
            var effectiveness: Double
        }
    }

    func message(_ socket: Raw) throws -> Message {
        let frame = try socket.read()
        #expect(frame.opcode == 1, "\(frame.text)")
        return try JSONDecoder().decode(Message.self, from: Data(frame.payload))
    }

    /// Has the relay tell something, numbered, and gives its sequence numbers.
    @discardableResult
    func broadcast(_ relay: ServerProcess, _ diagnosis: Int, _ numbers: ClosedRange<Int>) async throws -> [Int] {
        let service = try await clinic.token("--service")
        let run = try await clinic.script(
            "broadcast.py", "\(relay.port)", service, "\(diagnosis)", "\(numbers.lowerBound)", "\(numbers.upperBound)")
        #expect(run.status == 0, "\(run.errors)")
        return run.output.split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) }
    }

    func connected(_ socket: Raw) throws -> Message {
        let first = try message(socket)
        #expect(first.type == "connect")
        return first
    }

    // MARK: What comes

    @Test func broadcastsComeToThoseWhoFollowAndToNobodyElse() async throws {
        let relay = try await ServerProcess(in: folder)
        let admin = try await clinic.token("--admin")
        let (first, second, other) = (
            try clinic.follow(relay, 1, admin), try clinic.follow(relay, 1, admin), try clinic.follow(relay, 2, admin)
        )
        for socket in [first, second, other] { #expect(try connected(socket).data.replayed == 0) }
        let sequences = try await broadcast(relay, 1, 1...5)
        try await broadcast(relay, 2, 9...9)
        for socket in [first, second] {
            let messages = try (1...5).map { _ in try message(socket) }
            #expect(messages.map(\.seq) == sequences)
            #expect(messages.map(\.data.n) == [1, 2, 3, 4, 5])
            #expect(
                messages.allSatisfy { $0.type == "feedback_update" && $0.diagnosisID == 1 && $0.at.hasSuffix("Z") })
        }
        #expect(try message(other).data.n == 9)
        let status = try await clinic.shell("curl -s \(bearer) http://127.0.0.1:\(relay.port)/ws/status").output
        #expect(status.contains("\"connections_by_diagnosis\":{\"1\":2,\"2\":1}"), "\(status)")
        #expect(status.contains("\"total_diagnoses\":2,\"total_connections\":3"), "\(status)")
    }

    @Test func whatRunsChangeComesAndAgreesWithWhatIsPublished() async throws {
        let relay = try await ServerProcess(in: folder)
        let socket = try clinic.follow(relay, 3, try await clinic.token("--clinician"))
        _ = try connected(socket)
        #expect(
            try await clinic.publish().status == 0)
        let rows = try await clinic.tallies(of: 3)
        for row in rows {
            let frame = try socket.read()
            #expect(frame.text.contains("\"type\":\"effectiveness_update\""))
            #expect(frame.text.contains("\"recommendation_id\":\(row.recommendation),"))
            #expect(
                frame.text.contains(
                    "\"all\":{\"old\":null,\"new\":{\"samples\":\(row.samples),\"successes\":\(row.successes),"),
                "\(frame.text)")
        }
        #expect(!rows.isEmpty)
    }

    @Test func aLostSignalDelaysAndLosesNothing() async throws {
        let relay = try await ServerProcess(in: folder)
        let socket = try clinic.follow(relay, 1, try await clinic.token("--admin"))
        _ = try connected(socket)
        // The relay watches a file that nobody touches any more.
        let run = try await clinic.shell(
            "rm avicenna.db.signal; sqlite3 avicenna.db \"INSERT INTO deltas (run_id, diagnosis_id, type, data, at) VALUES (0, 1, 'feedback_update', '{\\\"n\\\": 7}', 0)\""
        )
        #expect(run.status == 0, "\(run.errors)")
        #expect(try message(socket).data.n == 7)
    }

    // MARK: Coming back

    @Test func whoComesBackGetsWhatWasMissed() async throws {
        var relay = try await ServerProcess(in: folder)
        let admin = try await clinic.token("--admin")
        let sequences = try await broadcast(relay, 1, 1...30)
        try await broadcast(relay, 2, 1...3)
        func replay(since: Int) throws -> [Int?] {
            let socket = try clinic.follow(relay, 1, admin, since: since)
            let first = try connected(socket)
            // The position of the diagnosis, not of the clinic.
            #expect(first.seq == sequences[29])
            return try (0..<(first.data.replayed ?? 0)).map { _ in try message(socket).data.n }
        }
        #expect(try replay(since: sequences[24]) == [26, 27, 28, 29, 30])
        #expect(try replay(since: 0) == (1...30).map { $0 })
        #expect(try replay(since: sequences[29]) == [])
        // A restart forgets nothing.
        try await relay.end(with: SIGKILL)
        relay = try await ServerProcess(in: folder)
        #expect(try replay(since: sequences[27]) == [29, 30])
    }

    @Test func whoMissedMoreThanIsKeptGetsTheState() async throws {
        let relay = try await ServerProcess(in: folder)
        let admin = try await clinic.token("--admin")
        #expect(
            try await clinic.publish().status == 0)
        let predictions = try await clinic.results("predictions --level balanced")
        let longest = Dictionary(grouping: predictions) { $0["diagnosis_id"] ?? "" }.max {
            $0.value.count < $1.value.count
        }
        let diagnosis = try #require(longest.flatMap { Int($0.key) })
        let before = try connected(try clinic.follow(relay, diagnosis, admin)).seq
        let sequences = try await broadcast(relay, diagnosis, 1...101)
        let exactly = try clinic.follow(relay, diagnosis, admin, since: sequences[0])
        #expect(try connected(exactly).data.replayed == 100)
        #expect(try message(exactly).data.n == 2)

        let tooMuch = try clinic.follow(relay, diagnosis, admin, since: before)
        #expect(try connected(tooMuch).data.replayed == 1)
        let resync = try message(tooMuch)
        #expect(resync.type == "resync")
        #expect(resync.seq == sequences[100])
        let expected = predictions.filter { $0["diagnosis_id"] == "\(diagnosis)" }
            .map { (Int($0["recommendation_id"] ?? ""), Int($0["rank"] ?? "")) }.sorted { $0.1 ?? 0 < $1.1 ?? 0 }
        #expect(resync.data.ranking?.map(\.recommendationID) == expected.map(\.0))
        #expect(resync.data.ranking?.map(\.rank) == expected.map(\.1))
        #expect(resync.data.effectiveness?.isEmpty == false)
        // And on it goes from there.
        try await broadcast(relay, diagnosis, 102...102)
        #expect(try message(tooMuch).data.n == 102)
        // What was pruned cannot be told any more, and neither can what another database had.
        #expect(
            try await clinic.shell(
                "sqlite3 avicenna.db 'UPDATE deltas SET at = 1 WHERE seq <= \(sequences[50])'; avicenna prune --keep 1"
            ).status == 0)
        for since in [sequences[50] - 1, sequences[100] + 1000] {
            let socket = try clinic.follow(relay, diagnosis, admin, since: since)
            #expect(try connected(socket).data.replayed == 1)
            #expect(try message(socket).type == "resync")
        }
        let still = try clinic.follow(relay, diagnosis, admin, since: sequences[50])
        #expect(try connected(still).data.replayed == 51)
    }

}
