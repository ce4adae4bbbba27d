import Foundation
import Testing
import TestSupport

/// Frames that come together with the handshake, by bytes on a socket.
@Suite(.endToEnd, .timeLimit(.minutes(30))) struct WebSocketProtocolTests {
    private let relay: ServerProcess
    private let path: String

    init() async throws {
        let clinic = try await ServedClinic()
        relay = try await ServerProcess(in: clinic.folder)
        path = "/ws/1?token=\(try await clinic.token("--admin"))"
    }

    private typealias Raw = RawWebSocket

    /// A client need not wait for the answer to its handshake, and may be slow with it.
    @Test func whatComesTogetherWithTheHandshakeIsRead() throws {
        let handshake = Array(
            ("GET \(path) HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n").utf8)
        let all = handshake + Raw.frame(9, [1]) + Raw.frame(9, [2])
        for size in [all.count, 1] {
            let socket = try Raw(port: relay.port)
            for start in stride(from: 0, to: all.count, by: size) {
                socket.send(Array(all[start..<min(start + size, all.count)]))
            }
            #expect(try socket.readHead().hasPrefix("HTTP/1.1 101 "))
            var pongs: [[UInt8]] = []
            while pongs.count < 2 {
                let frame = try socket.read()
                if frame.opcode == 10 { pongs.append(frame.payload) }
            }
            #expect(pongs == [[1], [2]])
        }
    }
}
