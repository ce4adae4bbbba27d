import NIOCore
import NIOWebSocket
import Testing

@testable import Relay

/// Frames of clients, after RFC 6455, 5.
@Suite(.timeLimit(.minutes(5))) struct MessageReaderTests {
    private static let limit = 100

    private func frame(
        _ opcode: WebSocketOpcode, _ content: [UInt8] = [], fin: Bool = true, isMasked: Bool = true
    ) -> WebSocketFrame {
        var data = ByteBuffer(bytes: content)
        guard isMasked else { return WebSocketFrame(fin: fin, opcode: opcode, data: data) }
        let key: WebSocketMaskingKey = [1, 2, 3, 4]
        data.webSocketMask(key)
        return WebSocketFrame(fin: fin, opcode: opcode, maskKey: key, data: data)
    }

    private func frame(_ opcode: WebSocketOpcode, _ text: String, fin: Bool = true) -> WebSocketFrame {
        frame(opcode, Array(text.utf8), fin: fin)
    }

    /// What becomes of each of several frames.
    private func read(_ frames: WebSocketFrame...) -> [MessageReader.Event] {
        var reader = MessageReader(limit: Self.limit)
        return frames.map { reader.read($0) }
    }

    private func text(_ text: String) -> MessageReader.Event { .text(ByteBuffer(string: text)) }

    private func expectViolation(
        _ events: [MessageReader.Event], _ code: WebSocketErrorCode, after quiet: Int = 0,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(events.dropLast().allSatisfy { $0 == .nothing }, sourceLocation: sourceLocation)
        #expect(events.count == quiet + 1, sourceLocation: sourceLocation)
        guard case .violation(let found, let reason)? = events.last else {
            Issue.record("\(events)", sourceLocation: sourceLocation)
            return
        }
        #expect(found == code, sourceLocation: sourceLocation)
        #expect(!reason.isEmpty && reason.utf8.count <= 123, sourceLocation: sourceLocation)
    }

    // MARK: Messages

    @Test("reads a text message as a whole, without its mask")
    func wholeMessage() {
        #expect(read(frame(.text, "گل")) == [text("گل")])
        #expect(read(frame(.text, "")) == [text("")])
    }

    @Test("puts the parts of a message together, whatever lies between them")
    func parts() {
        #expect(
            read(
                frame(.text, "a", fin: false), frame(.ping, "p"), frame(.continuation, "b", fin: false), frame(.pong),
                frame(.continuation, "c"))
                == [.nothing, .ping(ByteBuffer(string: "p")), .nothing, .pong, text("abc")])
        #expect(
            read(frame(.text, fin: false), frame(.continuation, fin: false), frame(.continuation))
                == [.nothing, .nothing, text("")])
    }

    @Test("begins anew after each message")
    func severalMessages() {
        #expect(
            read(
                frame(.text, "a", fin: false), frame(.continuation, "b"), frame(.text, "c"),
                frame(.text, "d", fin: false), frame(.continuation, "e"))
                == [.nothing, text("ab"), text("c"), .nothing, text("de")])
    }

    @Test("takes messages up to the limit, in one frame or in parts")
    func limit() {
        let longest = String(repeating: "x", count: Self.limit)
        #expect(read(frame(.text, longest)) == [text(longest)])
        expectViolation(read(frame(.text, longest + "x")), .messageTooLarge)
        #expect(
            read(frame(.text, String(longest.dropLast()), fin: false), frame(.continuation, "x"))
                == [.nothing, text(longest)])
        expectViolation(
            read(frame(.text, longest, fin: false), frame(.continuation, "x")), .messageTooLarge, after: 1)
        // The limit is of one message, not of all.
        #expect(read(frame(.text, longest), frame(.text, longest)).last == text(longest))
    }

    @Test("refuses what is not UTF-8 as soon as it shows")
    func invalidText() {
        expectViolation(read(frame(.text, [0xFF])), .dataInconsistentWithMessage)
        expectViolation(read(frame(.text, [0x61, 0xF4, 0x90], fin: false)), .dataInconsistentWithMessage)
        // A character may be divided among parts, and must be complete at the end.
        #expect(read(frame(.text, [0xDA], fin: false), frame(.continuation, [0xAF])) == [.nothing, text("گ")])
        expectViolation(read(frame(.text, [0xDA])), .dataInconsistentWithMessage)
        expectViolation(
            read(frame(.text, [0xDA], fin: false), frame(.continuation)), .dataInconsistentWithMessage, after: 1)
        expectViolation(
            read(frame(.text, [0xDA], fin: false), frame(.continuation, [0x61])), .dataInconsistentWithMessage, after: 1
        )
    }

    @Test("refuses binary messages, also empty ones")
    func binary() {
        expectViolation(read(frame(.binary, "x")), .unacceptableData)
        expectViolation(read(frame(.binary)), .unacceptableData)
    }

    @Test("refuses parts that do not fit together")
    func misplacedParts() {
        expectViolation(read(frame(.continuation, "x")), .protocolError)
        expectViolation(read(frame(.text, fin: false), frame(.text)), .protocolError, after: 1)
        expectViolation(read(frame(.text, fin: false), frame(.binary)), .protocolError, after: 1)
        let events = read(frame(.text, "a"), frame(.continuation, "b"))
        #expect(events.first == text("a"))
        expectViolation(Array(events.dropFirst()), .protocolError)
    }

    // MARK: Frames

    @Test("refuses frames without a mask, with reserved bits or of unknown kinds")
    func invalidFrames() throws {
        for opcode in [WebSocketOpcode.text, .ping, .connectionClose] {
            expectViolation(read(frame(opcode, isMasked: false)), .protocolError)
        }
        for bit in 0..<3 {
            var frame = frame(.text, "x")
            (frame.rsv1, frame.rsv2, frame.rsv3) = (bit == 0, bit == 1, bit == 2)
            expectViolation(read(frame), .protocolError)
        }
        for number in Array(3...7) + Array(11...15) {
            expectViolation(
                read(frame(try #require(WebSocketOpcode(encodedWebSocketOpcode: UInt8(number))))), .protocolError)
        }
    }

    @Test("answers a ping with its content, which is not text")
    func pings() {
        #expect(read(frame(.ping)) == [.ping(ByteBuffer())])
        #expect(read(frame(.ping, [0xFF, 0])) == [.ping(ByteBuffer(bytes: [0xFF, 0]))])
        #expect(read(frame(.pong, [0xFF, 0])) == [.pong])
    }

    // MARK: Closing

    private func close(_ code: UInt16, _ reason: [UInt8] = []) -> WebSocketFrame {
        frame(.connectionClose, [UInt8(code >> 8), UInt8(code & 0xFF)] + reason)
    }

    @Test("reads the code of a close, which a client may leave out")
    func closes() {
        #expect(read(frame(.connectionClose)) == [.close(nil)])
        #expect(read(close(1000, Array("bye گل".utf8))) == [.close(.normalClosure)])
        // In the middle of a message as well.
        #expect(read(frame(.text, fin: false), close(1001)) == [.nothing, .close(.goingAway)])
    }

    @Test("takes the codes that clients may send (RFC 6455, 7.4) and no others")
    func closeCodes() {
        let allowed = Set(Array(1000...1003) + Array(1007...1014) + Array(3000...4999))
        for code in 0...UInt16.max {
            let event = read(close(code))[0]
            if allowed.contains(Int(code)) {
                if event != .close(WebSocketErrorCode(codeNumber: Int(code))) { Issue.record("\(code): \(event)") }
            } else {
                guard case .violation(.protocolError, _) = event else {
                    Issue.record("\(code): \(event)")
                    continue
                }
            }
        }
    }

    @Test("refuses a close with half a code, or whose reason is not UTF-8")
    func invalidCloses() {
        expectViolation(read(frame(.connectionClose, [3])), .protocolError)
        expectViolation(read(close(1000, [0xFF])), .dataInconsistentWithMessage)
        expectViolation(read(close(1000, [0xDA])), .dataInconsistentWithMessage)
    }
}
