import NIOCore
import NIOWebSocket
import Testing

@testable import Relay

/// Frames as RFC 6455, 5.2, wants them: whole, unmasked, with the shortest form of the length.
@Suite(.timeLimit(.minutes(5))) struct ServerFrameTests {
    private func bytes(_ frame: ByteBuffer) -> [UInt8] { Array(frame.readableBytesView) }

    @Test(
        "states the length of a text in its shortest form",
        arguments: [
            (0, [0x81, 0]), (1, [0x81, 1]), (125, [0x81, 125]), (126, [0x81, 126, 0, 126]),
            (65_535, [0x81, 126, 0xFF, 0xFF]), (65_536, [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
        ] as [(Int, [UInt8])])
    func texts(length: Int, head: [UInt8]) {
        #expect(
            bytes(ServerFrame.text(String(repeating: "x", count: length))) == head
                + [UInt8](repeating: 0x78, count: length))
    }

    @Test("counts the bytes of a text, not its characters")
    func multiByteText() {
        #expect(bytes(ServerFrame.text("گل")) == [0x81, 4] + Array("گل".utf8))
    }

    @Test("a pong has the content of its ping, and a ping has none")
    func pings() {
        #expect(bytes(ServerFrame.pong(ByteBuffer(bytes: [0xFF, 0]))) == [0x8A, 2, 0xFF, 0])
        #expect(bytes(ServerFrame.ping) == [0x89, 0])
    }

    @Test("a close has a code and a reason")
    func closes() {
        #expect(bytes(ServerFrame.close(.policyViolation, "گل")) == [0x88, 6, 0x03, 0xF0] + Array("گل".utf8))
        #expect(bytes(ServerFrame.close(.revoked, "")) == [0x88, 2, 0x0F, 0xA3])
        #expect(bytes(ServerFrame.close(.expired, "")) == [0x88, 2, 0x0F, 0xA1])
        #expect(bytes(ServerFrame.close(.tryAgainLater, "")) == [0x88, 2, 0x03, 0xF5])
    }

    @Test(
        "cuts a reason that is too long for a control frame between characters", arguments: ["x", "گ", "e\u{301}", "🌿"])
    func longReasons(character: String) throws {
        let reason = "a" + String(repeating: character, count: 200)
        let frame = bytes(ServerFrame.close(.goingAway, reason))
        #expect(frame.count == Int(frame[1]) + 2 && frame[1] <= 125)
        let sent = try #require(String(validating: frame.dropFirst(4), as: UTF8.self))
        #expect(reason.hasPrefix(sent) && sent.utf8.count + character.utf8.count > 123)
    }
}
