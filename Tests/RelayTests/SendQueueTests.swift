@testable import Domain
import NIOCore
import NIOEmbedded
import Store
import Synchronization
import TestSupport
import Testing

@testable import Relay

@Suite(.timeLimit(.minutes(30))) struct SendQueueTests {
    /// A channel without a socket, whose client takes what the test says.
    private struct Client {
        let channel = EmbeddedChannel()
        let hub: LoopHub
        let clock = Clock()
        let queue: SendQueue

        /// - Parameter taking: messages after which it takes no more; `nil` for any number.
        init(taking limit: Int? = nil) throws {
            hub = LoopHub(on: channel.eventLoop)
            if let limit { try channel.pipeline.syncOperations.addHandler(FullBuffer(after: limit)) }
            let handler = QueueHandler(hub, clock)
            try channel.pipeline.syncOperations.addHandler(handler)
            queue = try #require(handler.queue)
        }

        func setWritable(_ isWritable: Bool) {
            guard channel.isWritable != isWritable else { return }
            channel.isWritable = isWritable
            channel.pipeline.fireChannelWritabilityChanged()
        }

        /// The numbers of the messages that were written since the last time.
        func written() throws -> [Int] {
            queue.flushIfNeeded()
            var numbers: [Int] = []
            while let frame = try channel.readOutbound(as: ByteBuffer.self) {
                let number = String(buffer: frame).firstMatch(of: /"n":(\d+)/).flatMap { Int($0.1) }
                numbers.append(try #require(number))
            }
            return numbers
        }
    }

    private final class Clock: Sendable {
        private let seconds = Mutex<Int64>(0)

        var now: Instant {
            get { Instant(seconds: seconds.withLock { $0 }) }
            set { seconds.withLock { [newValue] in $0 = newValue.seconds } }
        }
    }

    private final class QueueHandler: ChannelInboundHandler {
        typealias InboundIn = Never
        typealias OutboundOut = ByteBuffer

        private let hub: LoopHub
        private let clock: Clock
        private(set) var queue: SendQueue?

        init(_ hub: LoopHub, _ clock: Clock) {
            self.hub = hub
            self.clock = clock
        }

        func handlerAdded(context: ChannelHandlerContext) {
            queue = SendQueue(context, hub: hub, now: { [clock] in clock.now })
        }

        func channelWritabilityChanged(context: ChannelHandlerContext) {
            queue?.writabilityChanged()
        }
    }

    /// A channel that is full after some messages, and has room for as many each time it is made writable.
    private final class FullBuffer: ChannelDuplexHandler {
        typealias InboundIn = Never
        typealias OutboundIn = ByteBuffer

        private let limit: Int
        private var written = 0

        init(after limit: Int) { self.limit = limit }

        func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
            context.write(data, promise: promise)
            written += 1
            guard written.isMultiple(of: limit) else { return }
            (context.channel as? EmbeddedChannel)?.isWritable = false
            context.fireChannelWritabilityChanged()
        }
    }

    private func frame(_ number: Int, letters: Int = 0, at seconds: Int64 = 0) -> RelayFrame {
        RelayFrame(
            Delta(
                sequence: Int64(number), diagnosis: DiagnosisID(rawValue: 1), at: Instant(seconds: seconds),
                change: .broadcast(
                    .feedback, json: #"{"n":\#(number),"pad":"\#(String(repeating: "x", count: letters))"}"#)),
            herbs: HerbNames(), epoch: .zero)
    }

    @Test("writes each message once and in order, whenever the client reads", arguments: 1...20)
    func order(seed: Int) throws {
        var random = TestRandom(seed)
        let client = try Client()
        var written: [Int] = []
        for number in 1...500 {
            client.setWritable(.random(using: &random))
            #expect(client.queue.send(frame(number)))
            if client.channel.isWritable {
                #expect(client.queue.waitingCount == 0)
                #expect(client.queue.writtenSequence == Int64(number))
            }
            written += try client.written()
        }
        client.setWritable(true)
        written += try client.written()
        #expect(written == Array(1...500))
        #expect(client.hub.messageCounts.byType.map(\.count) == [500])
    }

    @Test("has room for so many messages and so many bytes")
    func limits() throws {
        let client = try Client()
        client.setWritable(false)
        for number in 1...Connection.Limit.waitingMessages { #expect(client.queue.send(frame(number))) }
        #expect(!client.queue.send(frame(1000)))
        client.queue.discard()
        #expect(client.queue.waitingCount == 0)
        let letters = Connection.Limit.waitingBytes / 4
        for number in 1...3 { #expect(client.queue.send(frame(number, letters: letters))) }
        #expect(!client.queue.send(frame(4, letters: letters)))
    }

    @Test("writes as much of what waits as the client takes, and keeps the rest in order", arguments: 1...9)
    func partialWrites(taken: Int) throws {
        let client = try Client(taking: taken)
        client.setWritable(false)
        for number in 1...10 { #expect(client.queue.send(frame(number))) }
        client.setWritable(true)
        #expect(client.queue.waitingCount == 10 - taken)
        #expect(client.queue.writtenSequence == Int64(taken))
        // What is new waits behind the rest.
        #expect(client.queue.send(frame(11)))
        #expect(client.queue.waitingCount == 11 - taken)
        var written = try client.written()
        #expect(written == Array(1...taken))
        while client.queue.waitingCount > 0 {
            client.setWritable(true)
            written += try client.written()
        }
        #expect(written == Array(1...11))
    }

    @Test("has room again for as many bytes as were written")
    func roomAfterWriting() throws {
        let client = try Client(taking: 1)
        client.setWritable(false)
        let letters = Connection.Limit.waitingBytes / 4
        for number in 1...3 { #expect(client.queue.send(frame(number, letters: letters))) }
        client.setWritable(true)
        #expect(client.queue.waitingCount == 2)
        #expect(client.queue.send(frame(4, letters: letters)))
        #expect(!client.queue.send(frame(5, letters: letters)))
    }

    @Test("measures the delay of a message when it is written")
    func delay() throws {
        let client = try Client()
        func sample(_ suffix: String) -> Double? {
            client.hub.messageCounts.latency.samples.first { $0.suffix == suffix }?.value
        }
        client.clock.now = Instant(seconds: 12)
        #expect(client.queue.send(frame(1, at: 10)))
        #expect(sample("_count") == 1 && sample("_sum") == 2)
        client.setWritable(false)
        #expect(client.queue.send(frame(2, at: 12)))
        #expect(sample("_count") == 1)
        client.clock.now = Instant(seconds: 19)
        client.setWritable(true)
        #expect(sample("_count") == 2 && sample("_sum") == 9)
        client.queue.writeMissed(frame(3, at: 0))
        #expect(sample("_count") == 2)
        #expect(client.hub.messageCounts.byType.map(\.count) == [3])
    }
}
