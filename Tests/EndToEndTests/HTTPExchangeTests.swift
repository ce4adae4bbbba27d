import Foundation
import Testing
import TestSupport

/// Requests of one connection are answered one after the other, by the rules of HTTP/1.1.
@Suite(.endToEnd, .timeLimit(.minutes(30))) struct HTTPExchangeTests {
    private let clinic: ServedClinic
    private let server: ServerProcess
    private let token: String

    init() async throws {
        clinic = try await ServedClinic(settings: "max_connections_per_address: 20\n")
        server = try await ServerProcess(in: clinic.folder)
        token = try await clinic.token("--service")
    }

    private func connection() throws -> RawWebSocket { try RawWebSocket(port: server.port) }
    private func get(_ path: String, headers: String = "") -> String {
        "GET \(path) HTTP/1.1\r\nHost: localhost\r\n\(headers)\r\n"
    }

    private func broadcast(_ body: String, headers: String = "") -> String {
        """
        POST /ws/broadcast-feedback-update HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(token)\r
        Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)
        """
    }

    private func body(_ number: Int) -> String { "{\"diagnosis_id\":1,\"data\":{\"n\":\(number)}}" }

    private func answer(_ connection: RawWebSocket) throws -> (status: Int, head: String, body: String) {
        let head = try connection.readHead()
        let status = try #require(head.firstMatch(of: #/^HTTP/1.1 (\d+) /#).flatMap { Int($0.1) }, "\(head)")
        let length = try #require(head.firstMatch(of: /(?i)content-length: (\d+)/).flatMap { Int($0.1) }, "\(head)")
        return (status, head, String(decoding: try connection.readBytes(length), as: UTF8.self))
    }

    @Test func requestsThatComeTogetherAreAnsweredInTheirOrder() throws {
        let connection = try connection()
        let paths = ["/health", "/ready", "/nothing", "/ws/status"]
        let requests = (1...300).map { number in
            number % 3 == 0
                ? get(paths[number % 4], headers: "Authorization: Bearer \(token)\r\n") : broadcast(body(number))
        }
        // All at once, while nobody reads what is answered.
        connection.send(Array(requests.joined().utf8))
        var last = 0
        for number in 1...300 {
            let answer = try answer(connection)
            guard number % 3 > 0 else {
                #expect(answer.status == (paths[number % 4] == "/nothing" ? 404 : 200), "\(number): \(answer)")
                continue
            }
            let sequence = try #require(answer.body.firstMatch(of: /^{"seq":(\d+)}$/).flatMap { Int($0.1) })
            #expect(answer.status == 202 && sequence > last, "\(number): \(answer)")
            last = sequence
        }
    }

    @Test func answersSayWhatHTTPWantsSaid() async throws {
        let connection = try connection()
        for request in [broadcast(body(1)), broadcast("{}"), get("/health")] {
            connection.send(Array(request.utf8))
            let head = try answer(connection).head.lowercased()
            #expect(head.contains("server: avicenna\r\n"), "\(head)")
            let type = request.hasSuffix("\r\n\r\n{}") ? "application/problem+json" : "application/json"
            #expect(head.contains("content-type: \(type)\r\n"), "\(head)")
            let date = try #require(head.firstMatch(of: /date: ([^\r]*)/)?.1)
            let read = try await clinic.shell(
                "date -u -d '\(date)' '+%a, %d %b %Y %H:%M:%S gmt' && echo $(($(date +%s) - $(date -d '\(date)' +%s)))"
            ).output
            let lines = read.lowercased().split(separator: "\n")
            #expect(lines.first == date)
            #expect(lines.last.flatMap { Int($0) }.map { (0..<20).contains($0) } == true, "\(read)")
        }
    }

    @Test func whoSaysNothingMoreIsAnsweredFirst() throws {
        for request in [broadcast(body(1)), get("/health") + broadcast(body(2)), broadcast(body(3)) + get("/health")] {
            let connection = try connection()
            connection.send(Array(request.utf8))
            connection.endSending()
            #expect(try answer(connection).status < 300)
            if request.contains("GET") { #expect(try answer(connection).status < 300) }
            #expect(throws: RawWebSocket.Ended.self) { try connection.readBytes(1) }
        }
    }

    @Test(
        "closes the connection at once where the client asks for that, or speaks HTTP/1.0",
        arguments: [
            "GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
            "GET /health HTTP/1.1\r\nHost: a\r\nConnection: Close\r\n\r\n",
            "GET /health HTTP/1.1\r\nHost: a\r\nConnection: x, CLOSE ,y\r\n\r\n",
            "GET /health HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n",
            "GET /health HTTP/1.0\r\n\r\n", "GET /health HTTP/1.0\r\nHost: a\r\n\r\n",
            "GET /nothing HTTP/1.0\r\n\r\n", "GET /health HTTP/1.1\r\nConnection: close\r\n\r\n",
        ])
    func lastRequests(request: String) throws {
        let connection = try connection()
        let start = ContinuousClock.now
        connection.send(Array(request.utf8))
        #expect(try answer(connection).head.lowercased().contains("connection: close\r\n"))
        #expect(throws: RawWebSocket.Ended.self) { try connection.readBytes(1) }
        #expect(ContinuousClock.now - start < .seconds(10))
    }

    @Test("keeps a connection of HTTP/1.0 open that asks for it")
    func keepAlive() throws {
        let connection = try connection()
        for _ in 0..<2 {
            connection.send(Array("GET /health HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n".utf8))
            #expect(try answer(connection).head.lowercased().contains("connection: keep-alive\r\n"))
        }
    }

    @Test("refuses what breaks the rules of HTTP with a problem document, which is logged and counted")
    func invalidRequests() async throws {
        let own = try await ServedClinic(settings: "log_format: json\n")
        let server = try await ServerProcess(in: own.folder)
        let upgrade =
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        let cases = [
            ("GET /health HTTP/1.1\r\n\r\n", 400, "Host: is missing"),
            ("GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, "Host: is repeated"),
            ("GET /ws/1 HTTP/1.0\r\nHost: a\r\n\(upgrade)\r\n", 400, "needs HTTP/1.1"),
            ("GET /\(String(repeating: "a", count: 20_000)) HTTP/1.1\r\nHost: a\r\n\r\n", 414, "8192 bytes"),
            (
                "GET /health HTTP/1.1\r\nHost: a\r\n\((1...150).map { "X-\($0): y\r\n" }.joined())\r\n", 431,
                "100 header lines"
            ),
            (
                "GET /health HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "a", count: 17_000))\r\n\r\n", 431,
                "16384 bytes"
            ),
            (
                "GET /health HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "a", count: 200_000))\r\n\r\n", 431,
                "too large"
            ),
            ("nonsense\r\n\r\n", 400, "not valid HTTP"), ("GET / HTTP/2.0\r\n\r\n", 400, "HTTP/1.1"),
        ]
        for (request, status, reason) in cases {
            let connection = try RawWebSocket(port: server.port)
            connection.send(Array(request.utf8))
            let answer = try answer(connection)
            #expect(answer.status == status, "\(request.prefix(60)): \(answer)")
            #expect(answer.body.contains(reason), "\(answer)")
            #expect(answer.head.lowercased().contains("content-type: application/problem+json\r\n"))
            let id = try #require(answer.head.firstMatch(of: /(?i)x-request-id: ([^\r]+)/)?.1)
            #expect(try await server.errors(once: "\(id)").contains("\"status\":\(status)"))
            #expect(throws: RawWebSocket.Ended.self) { try connection.readBytes(1) }
        }
        let connection = try RawWebSocket(port: server.port)
        let bearer = "Authorization: Bearer \(try await own.token("--service"))\r\n"
        connection.send(Array(get("/metrics", headers: bearer).utf8))
        let metrics = try answer(connection).body
        #expect(metrics.contains("api_requests_total{status=\"431\"} 3"), "\(metrics)")
        #expect(metrics.contains("api_requests_total{status=\"414\"} 1"), "\(metrics)")
    }

    @Test func whatIsTooLargeIsRefusedBeforeAllOfItCame() async throws {
        let connection = try connection()
        let large = "{\"diagnosis_id\":1,\"data\":{\"x\":\"\(String(repeating: "x", count: 300_000))\"}}"
        let request = Array(broadcast(large).utf8)
        connection.send(Array(request.prefix(100_000)))
        #expect(try answer(connection).status == 413)
        // What is sent meanwhile does not make the answer disappear, and what follows it is not read.
        connection.send(Array(request.dropFirst(100_000)) + Array(broadcast(body(1)).utf8))
        #expect(throws: RawWebSocket.Ended.self) { try connection.readBytes(1) }
        #expect(try await clinic.shell("sqlite3 avicenna.db 'SELECT count(*) FROM deltas'").output == "0\n")
    }

    @Test("checks the token before it reads the body")
    func tokenBeforeBody() async throws {
        for (request, status) in [
            (broadcast("").replacing(token, with: "x"), 401),
            (broadcast("").replacing(token, with: try await clinic.token("--clinician")), 403),
        ] {
            let connection = try connection()
            // All but the body.
            connection.send(Array(request.replacing("Content-Length: 0", with: "Content-Length: 2000").utf8))
            #expect(try answer(connection).status == status)
            #expect(throws: RawWebSocket.Ended.self) { try connection.readBytes(1) }
        }
    }

    @Test func whoWaitsToGoOnIsToldTo() async throws {
        let connection = try connection()
        let waits = "Expect: 100-Continue\r\n"
        let unknown = "POST /nothing HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\(waits)\r\n{}"
        for (request, body, status) in [
            (broadcast(body(1), headers: waits), body(1), 202), (unknown, "{}", 404),
            (broadcast(body(2), headers: waits), body(2), 202),
        ] {
            connection.send(Array(request.dropLast(body.count).utf8))
            #expect(try connection.readHead() == "HTTP/1.1 100 Continue\r\n\r\n")
            connection.send(Array(body.utf8))
            #expect(try answer(connection).status == status)
        }
        // One who speaks HTTP/1.0 would take this for the answer.
        let old = broadcast(body(3), headers: "Expect: 100-continue\r\n").replacing("HTTP/1.1", with: "HTTP/1.0")
        connection.send(Array(old.utf8))
        #expect(try answer(connection).status == 202)
        let curl = try await clinic.shell(
            """
            curl -s --expect100-timeout 30 -m 10 -H 'Expect: 100-continue' -H 'Authorization: Bearer \(token)' \
            -H 'Content-Type: application/json' \
            -d '\(body(4))' http://127.0.0.1:\(server.port)/ws/broadcast-feedback-update
            """)
        #expect(curl.status == 0 && curl.output.contains("seq"))
    }

    @Test func whatBreaksOffOrIsNoHTTPHarmsNobodyElse() throws {
        var random = TestRandom(1)
        let health = try connection()
        let pieces = [
            get("/health"), broadcast(body(1)), broadcast(body(2), headers: "Connection: close\r\n"), broadcast("{"),
            get("/nothing"), "GARBAGE\r\n\r\n", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
            broadcast("").replacing("Content-Length: 0", with: "Transfer-Encoding: chunked") + "2\r\n{}\r\nz",
        ]
        for _ in 0..<400 {
            let connection = try connection()
            let text = (0..<Int.random(in: 1...6, using: &random)).compactMap { _ in
                pieces.randomElement(using: &random)
            }.joined()
            connection.send(Array(text.utf8.prefix(Int.random(in: 1...text.utf8.count, using: &random))))
            switch Int.random(in: 0...2, using: &random) {
            case 0: connection.endSending()
            case 1: connection.vanish()
            default: break
            }
            health.send(Array(get("/health").utf8))
            #expect(try answer(health).status == 200)
        }
    }

    @Test func whatFollowsTheLastRequestIsNotTaken() async throws {
        for last in [
            broadcast(body(1), headers: "Connection: close\r\n"),
            "GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        ] {
            let connection = try connection()
            let before = try await clinic.shell("sqlite3 avicenna.db 'SELECT count(*) FROM deltas'").output
            connection.send(Array((last + broadcast(body(2)) + broadcast(body(3))).utf8))
            #expect([200, 202].contains(try answer(connection).status))
            #expect(throws: RawWebSocket.Ended.self) { try connection.readBytes(1) }
            let after = try await clinic.shell("sqlite3 avicenna.db 'SELECT count(*) FROM deltas'").output
            let count = try #require(Int(after.dropLast())) - #require(Int(before.dropLast()))
            #expect(count <= (last.hasPrefix("POST") ? 1 : 0))
        }
    }

    @Test func aBodyMayComeInParts() throws {
        let connection = try connection()
        let parts = ["{\"diagnosis", "_id\":1,\"da", "ta\":{}}"].map {
            "\(String($0.utf8.count, radix: 16))\r\n\($0)\r\n"
        }
        let head = broadcast("").replacing("Content-Length: 0", with: "Transfer-Encoding: chunked")
        for piece in [head] + parts + ["0\r\n\r\n"] { connection.send(Array(piece.utf8)) }
        #expect(try answer(connection).status == 202)
    }

    @Test func anAddressHasRoomForSoManyConnectionsAndNothingOfOthersIsTaken() async throws {
        var connections = try (0..<20).map { _ in try connection() }
        for connection in connections {
            connection.send(Array(get("/health").utf8))
            #expect(try answer(connection).status == 200)
        }
        for request in [get("/health"), broadcast(body(1))] {
            let oneTooMany = try connection()
            oneTooMany.send(Array(request.utf8))
            #expect(throws: RawWebSocket.Ended.self) { try oneTooMany.readBytes(1) }
        }
        #expect(try await clinic.shell("sqlite3 avicenna.db 'SELECT count(*) FROM deltas'").output == "0\n")
        connections.removeLast()
        var status: Int?
        try await waitUntil("the server has seen that one is gone") {
            let next = try connection()
            next.send(Array(broadcast(body(1)).utf8))
            status = try? answer(next).status
            return status != nil
        }
        #expect(status == 202)
    }

    @Test func aServerThatEndsWaitsForNobodyWhoOnlyHoldsAConnection() async throws {
        let (asked, silent, broadcasting) = (try connection(), try connection(), try connection())
        asked.send(Array(get("/health").utf8))
        #expect(try answer(asked).status == 200)
        broadcasting.send(Array(broadcast(body(1)).utf8))
        #expect(try answer(broadcasting).status == 202)
        let start = ContinuousClock.now
        #expect(try await server.end(with: SIGTERM) == 0)
        #expect(ContinuousClock.now - start < .seconds(15))
        for connection in [asked, silent, broadcasting] {
            #expect(throws: RawWebSocket.Ended.self) { try connection.readBytes(1) }
        }
    }
}
