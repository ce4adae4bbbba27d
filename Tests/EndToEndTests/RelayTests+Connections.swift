import Foundation
import Testing
import TestSupport

/// Limits, handshakes and ends of connections.
extension RelayTests {
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
        withExtendedLifetime(sockets) {}
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
