import Domain
import NIOHTTP1
import Relay
import TestSupport
import Testing

@testable import Web

@Suite(.timeLimit(.minutes(5))) struct FollowTargetTests {
    private let address = IPAddress.unspecified

    private func head(
        _ uri: String, _ method: HTTPMethod = .GET, version: HTTPVersion = .http1_1,
        changing changes: [String: String?] = [:]
    ) -> HTTPRequestHead {
        var lines: [String: String] = [
            "Host": "h", "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        ]
        for (name, value) in changes { lines[name] = value }
        return HTTPRequestHead(
            version: version, method: method, uri: uri, headers: HTTPHeaders(lines.map { ($0.key, $0.value) }))
    }

    private func request(_ head: HTTPRequestHead) throws -> FollowRequest? {
        try FollowTarget(head)?.request(from: address)
    }

    @Test("reads which diagnosis is followed, and from where on")
    func positions() throws {
        let first = try #require(try request(head("/ws/7")))
        #expect(first == FollowRequest(diagnosis: DiagnosisID(rawValue: 7), token: "", since: nil, address: address))
        let again = try #require(try request(head("/ws/7?since=12&epoch=00000000000000ff")))
        #expect(again.since == 12 && again.epoch == OutboxEpoch("00000000000000ff"))
        #expect(try request(head("http://h/ws/7?since=0"))?.since == 0)
    }

    @Test("takes the token of the subprotocol, else of the header, else of the query")
    func tokens() throws {
        let (header, pair) = (["Authorization": "Bearer h"], ["Sec-WebSocket-Protocol": "bearer, p"])
        let all: [String: String?] = header.merging(pair) { $1 }
        #expect(try request(head("/ws/1?token=q", changing: all))?.token == "p")
        #expect(try request(head("/ws/1?token=q", changing: header))?.token == "h")
        #expect(try request(head("/ws/1?token=q"))?.token == "q")
        #expect(try request(head("/ws/1?token=q", changing: ["Sec-WebSocket-Protocol": "chat, p"]))?.token == "q")
        #expect(FollowTarget.headers(for: head("/ws/1", changing: pair)) == ["Sec-WebSocket-Protocol": "bearer"])
        #expect(FollowTarget.headers(for: head("/ws/1", changing: ["Sec-WebSocket-Protocol": "chat"])).isEmpty)
    }

    @Test(
        "leaves other paths alone",
        arguments: ["/", "/ws", "/ws/", "/ws/1/2", "/ws/status", "/ws/broadcast-x", "/api/1"])
    func otherPaths(path: String) throws {
        #expect(try request(head(path)) == nil)
    }

    @Test(
        "says what is wrong with a handshake",
        arguments: [
            ("/ws/x", [:], 404), ("/ws/0", [:], 404), ("/ws/-1", [:], 404), ("/ws/9223372036854775808", [:], 404),
            ("/ws/1?since=-1", [:], 400), ("/ws/1?since=x", [:], 400), ("/ws/1?since=1&since=2", [:], 400),
            ("/ws/1?since=1&epoch=xyz", [:], 400), ("/ws/1?epoch=", [:], 400),
            ("/ws/1?" + String(repeating: "a&", count: 21), [:], 400),
            ("/ws/1", ["Upgrade": nil], 426), ("/ws/1", ["Connection": "keep-alive"], 426),
            ("/ws/1", ["Sec-WebSocket-Version": "12"], 426), ("/ws/1", ["Sec-WebSocket-Key": nil], 400),
            ("/ws/1", ["Sec-WebSocket-Key": "c2hvcnQ="], 400),
        ] as [(String, [String: String?], Int)])
    func problems(uri: String, changes: [String: String?], status: Int) {
        let problem = #expect(throws: Problem.self) { try FollowTarget(head(uri, changing: changes)) }
        #expect(problem?.status.code == status)
        if status == 426 {
            #expect(problem?.headers[.upgrade] == "websocket" && problem?.headers[.secWebSocketVersion] == "13")
        }
    }

    @Test("needs GET and HTTP/1.1")
    func methods() {
        let method = #expect(throws: Problem.self) { try FollowTarget(head("/ws/1", .POST)) }
        #expect(method?.status == .methodNotAllowed && method?.headers[.allow] == "GET")
        let version = #expect(throws: Problem.self) { try FollowTarget(head("/ws/1", version: .http1_0)) }
        #expect(version?.status == .badRequest)
    }

    @Test("takes header lines in any case and among others")
    func lists() throws {
        let changes = ["Connection": "keep-alive, UPGRADE", "Upgrade": "h2c, WebSocket"]
        #expect(try request(head("/ws/1", changing: changes)) != nil)
    }
}
