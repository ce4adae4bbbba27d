import Domain
import NIOCore
import NIOEmbedded
import TestSupport
import Testing

@testable import Relay

/// A client of a relay, on a channel without a socket. It takes what is written to it, unless the test says otherwise.
struct TestClient: Sendable {
    let channel: NIOAsyncTestingChannel

    var isConnected: Bool { channel.isActive }

    // MARK: What it sends

    func send(_ bytes: [UInt8]) async throws {
        try await channel.writeInbound(ByteBuffer(bytes: bytes))
        await channel.testingEventLoop.run()
    }

    func send(_ text: String) async throws { try await send(RawWebSocket.frame(1, Array(text.utf8))) }

    /// Takes no more, or takes more again.
    func setWritable(_ isWritable: Bool) async throws {
        let channel = channel
        try await channel.testingEventLoop.submit {
            channel.isWritable = isWritable
            channel.pipeline.fireChannelWritabilityChanged()
        }.get()
    }

    func vanish() async throws {
        try await channel.close().get()
        await channel.testingEventLoop.run()
    }

    // MARK: What it gets

    /// The next frame, which is waited for.
    ///
    /// - Throws: `WaitTimeout` where none comes.
    func frame() async throws -> RawWebSocket.Frame {
        var next: ByteBuffer?
        try await waitUntil("a frame comes", timeout: .seconds(60)) {
            await channel.testingEventLoop.run()
            next = try await channel.readOutbound(as: ByteBuffer.self)
            return next != nil
        }
        return try Self.frame(in: try #require(next))
    }

    /// The frames that have come.
    func frames() async throws -> [RawWebSocket.Frame] {
        await channel.testingEventLoop.run()
        var frames: [RawWebSocket.Frame] = []
        while let bytes = try await channel.readOutbound(as: ByteBuffer.self) {
            frames.append(try Self.frame(in: bytes))
        }
        return frames
    }

    /// The next message, which is waited for and must be of a type.
    func message(
        _ type: String = "feedback_update", sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> JSON {
        let frame = try await frame()
        try #require(frame.opcode == 1, "\(frame)", sourceLocation: sourceLocation)
        let message = try JSONDocument(frame.payload, limits: JSONLimits(bytes: 1 << 20)).value
        #expect(message["type"] == .text(type), sourceLocation: sourceLocation)
        return message
    }

    /// The numbers of as many messages of `InMemoryOutbox` or `TestRelay.broadcast` as come next.
    func numbers(
        _ count: Int, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> [Int64] {
        var numbers: [Int64] = []
        while numbers.count < count {
            let number = try await message(sourceLocation: sourceLocation)["data"]?["n"]?.wholeNumber
            numbers.append(try #require(number, sourceLocation: sourceLocation))
        }
        return numbers
    }

    /// The code and reason of the close that comes next.
    func close(sourceLocation: SourceLocation = #_sourceLocation) async throws -> Close {
        let frame = try await frame()
        try #require(frame.opcode == 8, "\(frame.text)", sourceLocation: sourceLocation)
        return Close(
            code: frame.closeCode ?? 0, reason: String(decoding: frame.payload.dropFirst(2), as: UTF8.self))
    }

    struct Close: Equatable {
        var code: Int
        var reason: String
    }

    /// Reads a frame as the server must send them: whole, unmasked, and with the shortest form of its length.
    private static func frame(in bytes: ByteBuffer) throws -> RawWebSocket.Frame {
        var bytes = bytes
        let head = bytes.readMultipleIntegers(as: (UInt8, UInt8).self)
        let (first, second) = try #require(head)
        try #require(first & 0xF0 == 0x80)
        var length = Int(second)
        switch length {
        case 126:
            let longer = bytes.readInteger(as: UInt16.self)
            length = Int(try #require(longer))
        case 127:
            let longer = bytes.readInteger(as: UInt64.self)
            length = Int(try #require(longer))
        default: #expect(length < 126)
        }
        #expect(bytes.readableBytes == length)
        return RawWebSocket.Frame(opcode: first & 0xF, payload: Array(bytes.readableBytesView))
    }
}
