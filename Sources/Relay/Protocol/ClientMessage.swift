import Foundation
import NIOCore

/// What clients say: only that they want to know whether we are there. Anything else is passed over.
enum ClientMessage {
    private struct Message: Decodable { var type: String }

    static func isPing(_ message: ByteBuffer) -> Bool {
        (try? JSONDecoder().decode(Message.self, from: Data(message.readableBytesView)))?.type == "ping"
    }
}
