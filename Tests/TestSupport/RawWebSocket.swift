import Foundation
import Glibc

/// A WebSocket client that says exactly the bytes it is told to, right or wrong.
public final class RawWebSocket {
    /// A frame of the server.
    public struct Frame: Equatable, Sendable {
        /// Kind: 1 text, 8 close, 9 ping, 10 pong.
        public var opcode: UInt8
        /// Content.
        public var payload: [UInt8]

        /// A frame of a kind with a content.
        public init(opcode: UInt8, payload: [UInt8]) {
            self.opcode = opcode
            self.payload = payload
        }

        /// Content as text.
        public var text: String { String(decoding: payload, as: UTF8.self) }
        /// The code of a close; `nil` where it has none.
        public var closeCode: Int? { payload.count >= 2 ? Int(payload[0]) << 8 | Int(payload[1]) : nil }
    }

    /// Why nothing came.
    public enum Ended: Error, Equatable {
        case closed, timedOut, refused(String)
    }

    private let descriptor: Int32
    private var buffer: [UInt8] = []

    /// Connects without a handshake.
    public init(port: Int, patience: Int = 20, receiveBuffer: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var timeout = timeval(tv_sec: patience, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
        if var receiveBuffer { setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, 4) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw Ended.refused(String(cString: strerror(errno))) }
    }

    /// Connects and shakes hands.
    public convenience init(port: Int, path: String, headers: String = "", receiveBuffer: Int32? = nil) throws {
        try self.init(port: port, receiveBuffer: receiveBuffer)
        send(
            Array(
                ("GET \(path) HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\(headers)\r\n").utf8
            ))
        let head = try readHead()
        guard head.hasPrefix("HTTP/1.1 101 "), head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") else {
            throw Ended.refused(head)
        }
    }

    deinit {
        close(descriptor)
    }

    /// The head of an HTTP answer.
    public func readHead() throws -> String {
        while true {
            if let end = buffer.firstRange(of: [13, 10, 13, 10]) {
                let head = String(decoding: buffer[..<end.upperBound], as: UTF8.self)
                buffer.removeFirst(end.upperBound)
                return head
            }
            try readMore()
        }
    }

    /// So many bytes.
    public func readBytes(_ count: Int) throws -> [UInt8] {
        while buffer.count < count { try readMore() }
        defer { buffer.removeFirst(count) }
        return Array(buffer.prefix(count))
    }

    private func readMore() throws {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        if count == 0 || count < 0 && errno == ECONNRESET { throw Ended.closed }
        if count < 0 { throw Ended.timedOut }
        buffer += bytes[..<count]
    }

    /// Sends bytes; what the other side no longer takes is lost.
    public func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { return }
            sent += count
        }
    }

    /// Says that nothing more will be sent.
    public func endSending() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Goes away without a word.
    public func vanish() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    /// The next frame.
    public func read() throws -> Frame {
        while true {
            if let frame = takeFrame() { return frame }
            try readMore()
        }
    }

    private func takeFrame() -> Frame? {
        guard buffer.count >= 2 else { return nil }
        var start = 2
        var length = Int(buffer[1] & 0x7F)
        let extra = length == 126 ? 2 : length == 127 ? 8 : 0
        guard buffer.count >= 2 + extra else { return nil }
        if extra > 0 { length = buffer[2..<2 + extra].reduce(0) { $0 << 8 | Int($1) } }
        start += extra
        guard buffer.count >= start + length else { return nil }
        let frame = Frame(opcode: buffer[0] & 0xF, payload: Array(buffer[start..<start + length]))
        buffer.removeFirst(start + length)
        return frame
    }

    /// A frame as clients send it.
    public static func frame(
        _ opcode: UInt8, _ payload: [UInt8] = [], fin: Bool = true, reserved: UInt8 = 0, masked: Bool = true
    ) -> [UInt8] {
        var bytes: [UInt8] = [(fin ? 0x80 : 0) | reserved << 4 | opcode]
        let mask: UInt8 = masked ? 0x80 : 0
        switch payload.count {
        case ...125: bytes.append(mask | UInt8(payload.count))
        case ...0xFFFF: bytes += [mask | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        default: bytes += [mask | 127] + (0..<8).reversed().map { UInt8(truncatingIfNeeded: payload.count >> ($0 * 8)) }
        }
        guard masked else { return bytes + payload }
        let key: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
        return bytes + key + payload.enumerated().map { $1 ^ key[$0 % 4] }
    }
}
