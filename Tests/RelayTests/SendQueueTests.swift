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

        init() throws {
            hub = LoopHub(on: channel.eventLoop)
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
