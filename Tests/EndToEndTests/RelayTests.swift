import Foundation
import Testing
import TestSupport

/// Followers get what changed in their diagnosis: in order, once, and only they.
@Suite(.endToEnd, .timeLimit(.minutes(30))) struct RelayTests {
    private typealias Raw = RawWebSocket
    private let clinic: ServedClinic
    private var folder: TemporaryFolder { clinic.folder }
    /// The option by which curl sends a token.
    private let bearer = "-H \"Authorization: Bearer $(avicenna token --service)\""

    init() async throws {
        clinic = try await ServedClinic()
    }

    private struct Message: Decodable {
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

    private func message(_ socket: Raw) throws -> Message {
        let frame = try socket.read()
        #expect(frame.opcode == 1, "\(frame.text)")
        return try JSONDecoder().decode(Message.self, from: Data(frame.payload))
    }

    /// Has the relay tell something, numbered, and gives its sequence numbers.
    @discardableResult
    private func broadcast(_ relay: ServerProcess, _ diagnosis: Int, _ numbers: ClosedRange<Int>) async throws -> [Int]
    {
        let service = try await clinic.token("--service")
        let run = try await clinic.script(
            "broadcast.py", "\(relay.port)", service, "\(diagnosis)", "\(numbers.lowerBound)", "\(numbers.upperBound)")
        #expect(run.status == 0, "\(run.errors)")
        return run.output.split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) }
    }

    private func connected(_ socket: Raw) throws -> Message {
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

    // MARK: Who may

    @Test func tokensAreLookedAtClosely() async throws {
        try folder.write(
            "token_secret_file: secret\ntoken_issuer: clinic\ntoken_audience: avicenna\nmax_connections_per_diagnosis: 2\n",
            to: "avicenna.yaml")
        let relay = try await ServerProcess(in: folder)
        let owner = try #require(
            Int(
                try await clinic.shell("sqlite3 avicenna.db 'SELECT patient_id FROM diagnoses WHERE diagnosis_id = 1'")
                    .output
                    .dropLast()))
        let good = try await clinic.token("--patient \(owner)")
        let tokens = try await clinic.signedTokens("addressed")
        try #require(tokens.count == 18)
        for token in tokens[..<4] + [good] {
            let socket = try clinic.follow(relay, 1, token)
            _ = try connected(socket)
            socket.send(Raw.frame(8, [3, 232]))
            #expect(try clinic.closeCode(socket).code == 1000)
        }
        let reasons = [
            "not valid", "not valid", "not valid", "not valid", "has expired", "not valid yet", "another issuer",
            "another audience", "another issuer", "not valid", "does not allow", "not valid", "not valid", "not valid",
        ]
        for (token, expected) in zip(tokens[4...], reasons) {
            let (code, reason) = try clinic.closeCode(try clinic.follow(relay, 1, token))
            #expect(code == 1008)
            #expect(reason.contains(expected), "\(reason) of \(token)")
        }
        // What is not theirs, and what does not exist, look the same.
        for diagnosis in [2, 99_999_999] {
            let (code, reason) = try clinic.closeCode(try clinic.follow(relay, diagnosis, good))
            #expect(code == 1008)
            #expect(reason == "the token does not allow this")
        }
        #expect(try clinic.closeCode(try Raw(port: relay.port, path: "/ws/1")).reason == "a token is needed")
        // The other two ways to bring one.
        _ = try connected(try Raw(port: relay.port, path: "/ws/1?token=\(good)"))
        let browser = try Raw(port: relay.port, path: "/ws/1", headers: "Sec-WebSocket-Protocol: bearer, \(good)\r\n")
        _ = try connected(browser)
        let service = try await clinic.token("--service")
        let answers = try await clinic.script("broadcast_statuses.sh", "\(relay.port)", good, service)
        #expect(answers.output == "401 403 202 404 422 422 422 400 400 400 400 413 ", "\(answers.errors)")
    }

    @Test("accepts odd tokens that are genuine, and refuses ambiguous ones, without ever ending the process")
    func unusualTokens() async throws {
        let relay = try await ServerProcess(in: folder)
        let tokens = try await clinic.signedTokens("odd")
        try #require(tokens.count == 29)
        for token in tokens[..<5] { _ = try connected(try clinic.follow(relay, 1, token)) }
        for (number, token) in tokens.enumerated().dropFirst(5) {
            let (code, reason) = try clinic.closeCode(try clinic.follow(relay, 1, token))
            #expect(code == 1008, "\(number)")
            #expect(reason == "the token is not valid", "\(number): \(reason)")
        }
        // The process is still the same.
        _ = try connected(try clinic.follow(relay, 1, tokens[0]))
    }

    @Test("refuses tokens that are older than the settings allow, or do not say when they were issued")
    func oldTokens() async throws {
        try folder.write("token_secret_file: secret\ntoken_max_age: 3600\n", to: "avicenna.yaml")
        let relay = try await ServerProcess(in: folder)
        let tokens = try await clinic.signedTokens("old")
        _ = try connected(try clinic.follow(relay, 1, tokens[0]))
        #expect(try clinic.closeCode(try clinic.follow(relay, 1, tokens[1])).reason == "the token has expired")
        #expect(try clinic.closeCode(try clinic.follow(relay, 1, tokens[2])).reason == "the token is not valid")
    }

    @Test("a revocation of a subject covers tokens of an issuer whose clock is ahead")
    func revocationsCoverTheLeeway() async throws {
        let relay = try await ServerProcess(in: folder)
        let tokens = try await clinic.signedTokens("ahead")
        let socket = try clinic.follow(relay, 1, tokens[0])
        _ = try connected(socket)
        #expect(try await clinic.shell("avicenna token --revoke-subject ahead").status == 0)
        #expect(try clinic.closeCode(socket).code == 4003)
        #expect(try clinic.closeCode(try clinic.follow(relay, 1, tokens[0])).reason == "the token was revoked")
        _ = try connected(try clinic.follow(relay, 1, tokens[1]))
    }

    @Test func revokedAndExpiredTokensEndTheirConnections() async throws {
        let relay = try await ServerProcess(in: folder)
        let admin = try await clinic.token("--admin --subject first")
        let (first, second, third) = (
            try clinic.follow(relay, 1, admin),
            try clinic.follow(relay, 1, try await clinic.token("--admin --subject second")),
            try clinic.follow(relay, 1, try await clinic.token("--admin --subject third"))
        )
        for socket in [first, second, third] { _ = try connected(socket) }
        let payload = try #require(admin.split(separator: ".").dropFirst().first)
        let id = try await clinic.shell(
            "echo '\(payload)' | tr '_-' '/+' | base64 -d 2>/dev/null | grep -o '\"jti\":\"[^\"]*' | cut -d'\"' -f4"
        ).output.dropLast()
        let start = ContinuousClock.now
        #expect(try await clinic.shell("avicenna token --revoke \(id)").output == "revoked the token \(id)\n")
        #expect(try clinic.closeCode(first).code == 4003)
        #expect(ContinuousClock.now - start < .seconds(5))
        #expect(try await clinic.shell("avicenna token --revoke-subject second").status == 0)
        #expect(try clinic.closeCode(second).code == 4003)
        #expect(try clinic.closeCode(try clinic.follow(relay, 1, admin)).reason == "the token was revoked")
        // One that is issued after counts.
        #expect(
            try await clinic.shell(
                "sqlite3 avicenna.db 'UPDATE revocations SET issued_until = issued_until - 5000000 WHERE subject IS NOT NULL'"
            ).status == 0)
        try await broadcast(relay, 1, 1...1)
        #expect(try message(third).data.n == 1)
    }

    // MARK: Limits and ends

    @Test func roomIsLimited() async throws {
        try folder.write(
            "token_secret_file: secret\nmax_connections: 4\nmax_connections_per_diagnosis: 2\n", to: "avicenna.yaml")
        let relay = try await ServerProcess(in: folder)
        let admin = try await clinic.token("--admin")
        var sockets = try [1, 1, 2, 3].map { try clinic.follow(relay, $0, admin) }
        for socket in sockets { _ = try connected(socket) }
        #expect(
            try clinic.closeCode(try clinic.follow(relay, 4, admin)).reason == "the server is full; try again later")
        sockets.removeLast().vanish()
        var code: Int?
        try await waitUntil("the relay has seen that one went") {
            let socket = try clinic.follow(relay, 4, admin)
            let frame = try socket.read()
            code = frame.opcode == 8 ? frame.closeCode : nil
            if code == nil { sockets.append(socket) }
            return code != 1013
        }
        #expect(code == nil)
        sockets.removeLast()
        let full = try clinic.closeCode(try clinic.follow(relay, 1, admin))
        #expect(full.code == 1013)
    }

    @Test func whoDoesNotReadIsCutOffAndOthersDoNotNotice() async throws {
        let relay = try await ServerProcess(in: folder)
        let admin = try await clinic.token("--admin")
        let (slow, quick) = (
            try clinic.follow(relay, 1, admin, receiveBuffer: 4096), try clinic.follow(relay, 1, admin)
        )
        for socket in [slow, quick] { _ = try connected(socket) }
        let large = String(repeating: "x", count: 60_000)
        let service = try await clinic.token("--service")
        try folder.write("{\"diagnosis_id\":1,\"data\":{\"pad\":\"\(large)\"}}", to: "large")
        for _ in 1...120 {
            let answer = try await clinic.shell(
                "curl -s -f -H 'Authorization: Bearer \(service)' --data-binary @large http://127.0.0.1:\(relay.port)/ws/broadcast-feedback-update"
            )
            #expect(answer.status == 0)
            #expect(try quick.read().opcode == 1)
        }
        let metrics = try await clinic.shell("curl -s \(bearer) http://127.0.0.1:\(relay.port)/metrics").output
        #expect(metrics.contains("avicenna_relay_slow_total 1\n"), "\(metrics)")
        #expect(metrics.contains("avicenna_relay_connections 1\n"), "\(metrics)")
    }

    @Test func aDatabaseThatCannotBeReadIsToldAndTriedAgain() async throws {
        let relay = try await ServerProcess(in: folder)
        let admin = try await clinic.token("--admin")
        let socket = try clinic.follow(relay, 1, admin)
        _ = try connected(socket)
        func status(_ path: String, _ options: String = "") async throws -> String {
            try await clinic.shell(
                "curl -s \(options) -o /dev/null -w '%{http_code}' http://127.0.0.1:\(relay.port)/\(path)"
            ).output
        }
        func wait(_ path: String, for expected: String) async throws {
            try await waitUntil("/\(path) answers \(expected)") { try await status(path) == expected }
        }
        #expect(try await status("ready") == "200")
        #expect(try await clinic.shell("sqlite3 avicenna.db 'ALTER TABLE deltas RENAME TO gone'").status == 0)
        try await wait("ready", for: "503")
        #expect(try await status("live") == "200")
        let turnedAway = try clinic.closeCode(try clinic.follow(relay, 1, admin, since: 0))
        #expect(turnedAway.code == 1013 && turnedAway.reason == "the database cannot be read now")
        #expect(try relay.errors.contains("avicenna.db: "))
        let service = try await clinic.token("--service")
        let refused = try await clinic.shell(
            """
            curl -s -w '%{http_code}' -H 'Authorization: Bearer \(service)' -d '{"diagnosis_id":1,"data":{}}' \
                http://127.0.0.1:\(relay.port)/ws/broadcast-feedback-update
            """)
        #expect(refused.output.hasSuffix("503") && refused.output.contains("try again later"), "\(refused.output)")
        #expect(try await status("metrics", bearer) == "200")
        #expect(try await clinic.shell("sqlite3 avicenna.db 'ALTER TABLE gone RENAME TO deltas'").status == 0)
        try await wait("ready", for: "200")
        // Who stayed has missed nothing.
        try await broadcast(relay, 1, 1...1)
        #expect(try message(socket).data.n == 1)
    }

    @Test func whenTheServerGoesDownClientsAreTold() async throws {
        let relay = try await ServerProcess(in: folder)
        let admin = try await clinic.token("--admin")
        let sockets = try (1...30).map { try clinic.follow(relay, $0, admin) }
        for socket in sockets { _ = try connected(socket) }
        #expect(try await relay.end(with: SIGTERM) == 0)
        for socket in sockets { #expect(try clinic.closeCode(socket).code == 1001) }
    }

    @Test("answers each handshake that cannot be upgraded with what is wrong with it")
    func refusedHandshakes() async throws {
        let relay = try await ServerProcess(in: folder)
        let admin = try await clinic.token("--admin")
        func ask(_ request: String) throws -> (status: Int, text: String) {
            let socket = try Raw(port: relay.port)
            socket.send(Array(request.utf8))
            let head = try socket.readHead()
            let status = try #require(head.firstMatch(of: #/^HTTP/1.1 (\d+) /#).flatMap { Int($0.1) }, "\(head)")
            guard status != 101, let length = head.firstMatch(of: /(?i)content-length: (\d+)/).flatMap({ Int($0.1) })
            else { return (status, head) }
            return (status, head + String(decoding: try socket.readBytes(length), as: UTF8.self))
        }
        let parts = [
            "Host: a", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version: 13", "Authorization: Bearer \(admin)",
        ]
        func handshake(_ path: String, without missing: String = "-", _ further: String...) -> String {
            let lines = ["GET \(path) HTTP/1.1"] + parts.filter { !$0.hasPrefix(missing) } + further
            return lines.joined(separator: "\r\n") + "\r\n\r\n"
        }
        for (request, status, text) in [
            ("GET /health HTTP/1.1\r\nHost: a\r\n\r\n", 200, "ok"),
            ("DELETE /health HTTP/1.1\r\nHost: a\r\n\r\n", 405, "allow: get, head"),
            ("GET /ws/broadcast-feedback-update HTTP/1.1\r\nHost: a\r\n\r\n", 405, "allow: post"),
            ("POST /ws/1 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 405, "allow: get"),
            (handshake("/ws/1"), 101, "101"), (handshake("/ws/1/"), 101, "101"), (handshake("//ws/1"), 101, "101"),
            (handshake("http://localhost/ws/1?since=0"), 101, "101"),
            (handshake("/ws/1?since=abc"), 400, "since: must be"), (handshake("/ws/1?since=-1"), 400, "since: must be"),
            (handshake("/ws/1?since=1&since=2"), 400, "since: must be"), (handshake("/ws/x"), 404, "not the number"),
            (handshake("/ws/0"), 404, "not the number"), (handshake("/ws/1/2"), 404, "nothing at"),
            (handshake("/ws/1", without: "Upgrade"), 426, "a proxy did not pass"),
            (handshake("/ws/1", without: "Connection"), 426, "a proxy did not pass"),
            (handshake("/ws/1", without: "Sec-WebSocket-Version", "Sec-WebSocket-Version: 8"), 426, "version 13"),
            (handshake("/ws/1", without: "Sec-WebSocket-Key"), 400, "sec-websocket-key: must be"),
            ("nonsense\r\n\r\n", 400, "not valid http"),
        ] {
            let answer = try ask(request)
            #expect(answer.status == status, "\(request): \(answer)")
            #expect(answer.text.lowercased().contains(text), "\(request): \(answer)")
        }
    }

    @Test("answers pings that come with the handshake after connect")
    func earlyPings() async throws {
        let relay = try await ServerProcess(in: folder)
        let socket = try Raw(port: relay.port)
        let handshake = """
            GET /ws/1 HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r
            Authorization: Bearer \(try await clinic.token("--admin"))\r\n\r\n
            """
        let ping = Raw.frame(1, Array(#"{"type":"ping"}"#.utf8))
        socket.send(Array(handshake.utf8) + ping + ping)
        _ = try socket.readHead()
        let types = try (0..<3).map { _ in try socket.read().text.prefix(15) }
        #expect(types == [#"{"type":"connec"#, #"{"type":"pong","#, #"{"type":"pong","#])
    }

    @Test("closes the connection at once when both sides have sent close")
    func closing() async throws {
        let relay = try await ServerProcess(in: folder)
        let socket = try clinic.follow(relay, 1, try await clinic.token("--admin"))
        _ = try connected(socket)
        let start = ContinuousClock.now
        socket.send(Raw.frame(8, [3, 232]))
        #expect(try socket.read().closeCode == 1000)
        #expect(throws: Raw.Ended.self) { try socket.read() }
        #expect(ContinuousClock.now - start < .milliseconds(900))
    }

    @Test("replays large messages as fast as they are read, in order")
    func slowReplay() async throws {
        let relay = try await ServerProcess(in: folder)
        let (service, admin) = (try await clinic.token("--service"), try await clinic.token("--admin"))
        let sent = try await clinic.script("broadcast.py", "\(relay.port)", service, "1", "0", "99", "60000")
        #expect(sent.status == 0, "\(sent.errors)")
        let before = relay.residentBytes
        let sockets = try (0..<8).map { _ in try clinic.follow(relay, 1, admin, since: 0, receiveBuffer: 4096) }
        // Nobody reads, until the first bytes of all have surely come.
        for socket in sockets { #expect(try socket.read().text.contains(#""replayed":100"#)) }
        #expect(relay.residentBytes - before < 64 << 20, "\(relay.residentBytes - before)")
        for socket in sockets.prefix(2) {
            for number in 0..<100 {
                let frame = try socket.read()
                #expect(frame.payload.count <= 64 << 10)
                #expect(frame.text.contains("\"n\": \(number),"), "\(number): \(frame.text.prefix(200))")
            }
        }
    }
}
