import Domain
import Store
import TestSupport
import Testing

@testable import Relay

/// What becomes of what a client sends.
@Suite(.timeLimit(.minutes(5))) struct ConnectionInboundTests {
    private let test: TestRelay

    init() async throws {
        test = try await TestRelay()
    }

    private static let ping = #"{"type":"ping"}"#

    private func frame(_ opcode: UInt8, _ text: String = "", fin: Bool = true) -> [UInt8] {
        RawWebSocket.frame(opcode, Array(text.utf8), fin: fin)
    }

    // MARK: Pings

    @Test("answers a ping with the newest position that was written")
    func pings() async throws {
        test.outbox.commit(.numbered(1), of: InMemoryOutbox.first)
        let client = try await test.follower()
        try await client.send(Self.ping)
        #expect(try await client.message("pong")["seq"] == 1)
        try await test.broadcast(2)
        _ = try await client.numbers(1)
        try await client.send(frame(1, #"{"type""#, fin: false) + frame(0, #":"ping"}"#))
        #expect(try await client.message("pong")["seq"] == 2)
        // What waits was not written.
        try await client.setWritable(false)
        try await test.broadcast(3)
        try await client.send(Self.ping)
        #expect(try await client.message("pong")["seq"] == 2)
    }

    @Test("answers pings that come before its first message after that")
    func earlyPings() async throws {
        let client = try await test.client()
        try await client.send(Self.ping)
        _ = try await client.message("connect")
        #expect(try await client.message("pong")["seq"] == 0)
    }

    @Test("answers ping frames with their content, also between the parts of a message")
    func pingFrames() async throws {
        let client = try await test.follower()
        try await client.send(frame(1, "a", fin: false) + frame(9, "x") + frame(0, "b") + frame(9))
        #expect(
            try await client.frames() == [.init(opcode: 10, payload: [0x78]), .init(opcode: 10, payload: [])])
    }

    @Test("ignores messages that are not pings", arguments: ["", "x", #"{"type":"subscribe"}"#, "[1]"])
    func otherMessages(text: String) async throws {
        let client = try await test.follower()
        try await client.send(text)
        #expect(try await client.frames().isEmpty)
        try await test.broadcast(1)
        #expect(try await client.numbers(1) == [1])
    }

    // MARK: Violations

    @Test(
        "ends with the code for what was wrong",
        arguments: [
            (RawWebSocket.frame(2, [1]), 1003, "messages are text"),
            (RawWebSocket.frame(1, [0xFF]), 1007, "a message is not UTF-8"),
            (RawWebSocket.frame(1, [0x61], masked: false), 1002, "a frame is not masked"),
            (RawWebSocket.frame(1, [0x61], reserved: 4), 1002, "a reserved bit is set"),
            (RawWebSocket.frame(0, [0x61]), 1002, "a message goes on that has not begun"),
            (RawWebSocket.frame(3), 1002, "a frame is of no known kind"),
            (RawWebSocket.frame(9, [], fin: false), 1002, "a control frame is in parts"),
            (RawWebSocket.frame(9, [UInt8](repeating: 0, count: 126)), 1002, "a control frame is too long"),
            (RawWebSocket.frame(1, [UInt8](repeating: 0x61, count: 4097)), 1009, "a message may have 4096 bytes"),
            (RawWebSocket.frame(8, [3, 237]), 1002, "a close has no code that clients may send"),
        ] as [([UInt8], Int, String)])
    func violations(bytes: [UInt8], code: Int, reason: String) async throws {
        let client = try await test.follower()
        try await client.send(bytes)
        #expect(try await client.close() == .init(code: code, reason: reason))
        #expect(test.refusals("protocol") == 1)
        #expect(test.relay.admissions.snapshot.total == 0)
        try await test.broadcast(1)
        #expect(try await client.frames().isEmpty)
    }

    @Test("takes a message of the largest size, in parts as well")
    func largestMessage() async throws {
        let client = try await test.follower()
        let half = String(repeating: "x", count: 2048)
        try await client.send(half + half)
        try await client.send(frame(1, half, fin: false) + frame(0, half))
        #expect(try await client.frames().isEmpty)
        try await client.send(frame(1, half, fin: false) + frame(0, half + "x"))
        #expect(try await client.close() == .init(code: 1009, reason: "a message may have 4096 bytes"))
    }

    @Test("refuses more than 50 frames in a second, of whatever kind")
    func rate() async throws {
        let client = try await test.follower()
        for kind in [1, 9, 10] as [UInt8] {
            try await client.send((0..<50).flatMap { _ in frame(kind) })
            #expect(try await client.frames().allSatisfy { $0.opcode == 10 })
            try await test.pass(seconds: 1)
        }
        try await client.send((0..<51).flatMap { _ in frame(10) })
        #expect(try await client.close() == .init(code: 1008, reason: "too many messages in a second"))
        #expect(test.refusals("rate") == 1)
    }

    // MARK: Closing

    @Test(
        "answers a close with its code, and closes",
        arguments: [([], 1000), ([3, 233, 0x62], 1001), ([0x0F, 0xA0], 4000)] as [([UInt8], Int)])
    func closes(content: [UInt8], code: Int) async throws {
        let client = try await test.follower()
        try await client.send(RawWebSocket.frame(8, content))
        #expect(try await client.close() == .init(code: code, reason: ""))
        #expect(!client.isConnected)
        #expect(test.relay.admissions.snapshot.total == 0)
        #expect(test.refusals("protocol") == 0)
    }

    @Test("notices that a client has vanished")
    func vanished() async throws {
        let client = try await test.follower()
        try await client.vanish()
        #expect(test.relay.admissions.snapshot.total == 0)
        try await test.broadcast(1)
    }
}
