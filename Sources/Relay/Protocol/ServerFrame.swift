import NIOCore
import NIOWebSocket

/// Frames of the server, encoded once and written to as many connections as need be.
enum ServerFrame {
    /// A whole text message.
    static func text(_ text: String) -> ByteBuffer {
        frame(0x1, text.utf8.count) { $0.writeString(text) }
    }

    /// An answer to a ping.
    static func pong(_ content: ByteBuffer) -> ByteBuffer {
        frame(0xA, content.readableBytes) { $0.writeImmutableBuffer(content) }
    }

    /// Asks whether the client is there.
    static let ping = frame(0x9, 0) { _ in }

    /// Ends the connection. A reason is cut where it is longer than a frame of this kind may be.
    static func close(_ code: WebSocketErrorCode, _ reason: String) -> ByteBuffer {
        var reason = reason
        while reason.utf8.count > 123 { reason.removeLast() }
        return frame(0x8, 2 + reason.utf8.count) { buffer in
            buffer.write(webSocketErrorCode: code)
            buffer.writeString(reason)
        }
    }

    private static func frame(_ opcode: UInt8, _ length: Int, _ write: (inout ByteBuffer) -> Void) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: length + 10)
        buffer.writeInteger(0x80 | opcode)
        switch length {
        case ...125: buffer.writeInteger(UInt8(length))
        case ...0xFFFF: buffer.writeMultipleIntegers(UInt8(126), UInt16(length))
        default: buffer.writeMultipleIntegers(UInt8(127), UInt64(length))
        }
        write(&buffer)
        return buffer
    }
}
