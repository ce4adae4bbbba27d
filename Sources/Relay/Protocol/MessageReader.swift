import NIOCore
import NIOWebSocket

/// Puts the frames of a client together to messages, and refuses what RFC 6455 does not allow.
struct MessageReader {
    /// What came of a frame.
    enum Event: Equatable {
        /// A part of a message, or an answer to a ping that needs none.
        case nothing
        /// A whole text message.
        case text(ByteBuffer)
        /// To be answered with the same content.
        case ping(ByteBuffer)
        /// The client is there.
        case pong
        /// The client ends the connection, with a code where it gave one.
        case close(WebSocketErrorCode?)
        /// The client broke the protocol, or sent what nobody reads here.
        case violation(WebSocketErrorCode, String)
    }

    /// The largest message that is read, in bytes.
    let limit: Int
    /// The parts of a message so far; `nil` between messages.
    private var parts: ByteBuffer?
    private var text = UTF8Check()

    init(limit: Int) {
        self.limit = limit
    }

    mutating func read(_ frame: WebSocketFrame) -> Event {
        guard frame.maskKey != nil else { return .violation(.protocolError, "a frame is not masked") }
        guard !frame.rsv1, !frame.rsv2, !frame.rsv3 else { return .violation(.protocolError, "a reserved bit is set") }
        let data = frame.unmaskedData
        switch frame.opcode {
        case .text:
            guard parts == nil else { return .violation(.protocolError, "a message begins inside another") }
            text = UTF8Check()
            return add(data, to: ByteBuffer(), isLast: frame.fin)
        case .continuation:
            guard let parts else { return .violation(.protocolError, "a message goes on that has not begun") }
            return add(data, to: parts, isLast: frame.fin)
        case .binary:
            guard parts == nil else { return .violation(.protocolError, "a message begins inside another") }
            return .violation(.unacceptableData, "messages are text")
        case .ping: return .ping(data)
        case .pong: return .pong
        case .connectionClose: return Self.close(data)
        default: return .violation(.protocolError, "a frame is of no known kind")
        }
    }

    private mutating func add(_ data: ByteBuffer, to parts: ByteBuffer, isLast: Bool) -> Event {
        guard parts.readableBytes + data.readableBytes <= limit else {
            return .violation(.messageTooLarge, "a message may have \(limit) bytes")
        }
        guard text.read(data.readableBytesView), !isLast || text.isComplete else {
            return .violation(.dataInconsistentWithMessage, "a message is not UTF-8")
        }
        var message = parts
        message.writeImmutableBuffer(data)
        self.parts = isLast ? nil : message
        return isLast ? .text(message) : .nothing
    }

    private static func close(_ data: ByteBuffer) -> Event {
        var data = data
        guard data.readableBytes > 0 else { return .close(nil) }
        guard let code = data.readInteger(as: UInt16.self), isAllowed(code) else {
            return .violation(.protocolError, "a close has no code that clients may send")
        }
        var reason = UTF8Check()
        guard reason.read(data.readableBytesView), reason.isComplete else {
            return .violation(.dataInconsistentWithMessage, "the reason of a close is not UTF-8")
        }
        return .close(WebSocketErrorCode(codeNumber: Int(code)))
    }

    /// Those of the standard and its registry, of libraries, and of private use; not those that only say that nothing came.
    private static func isAllowed(_ code: UInt16) -> Bool {
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}
