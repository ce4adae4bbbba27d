import Domain
import NIOCore

/// A message of a client. The only one is `{"type":"ping"}`, which asks for a `pong`; all others are ignored.
enum ClientMessage {
    static func isPing(_ message: ByteBuffer) -> Bool {
        // What is not valid JSON is ignored as well.
        let document = try? JSONDocument(
            Array(message.readableBytesView), limits: JSONLimits(bytes: Connection.Limit.message))
        return document?.value["type"] == "ping"
    }
}
