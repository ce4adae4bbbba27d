import Domain
import Store
import TestSupport
import Testing

@testable import Relay

/// What a client gets that comes back with the position of the newest message that it has seen.
@Suite(.timeLimit(.minutes(5))) struct ConnectionCatchUpTests {
    private let test: TestRelay
    private var first: DiagnosisID { InMemoryOutbox.first }

    init() async throws {
        test = try await TestRelay()
    }

    private func commit(_ numbers: ClosedRange<Int>) {
        for number in numbers { test.outbox.commit(.numbered(number), of: first) }
    }

    /// The position and the number of replayed messages that `connect` says.
    private func connect(_ client: TestClient) async throws -> [Int64?] {
        let message = try await client.message("connect")
        return [message["seq"]?.wholeNumber, message["data"]?["replayed"]?.wholeNumber]
    }

    private var replays: [Int] {
        test.relay.counters.replays.withLock { [$0.count, $0.messages, $0.resyncs] }
    }

    @Test("gets what it missed, in order and once, and then what is new", arguments: [Int.max, 7, 1])
    func missedMessages(partSize: Int) async throws {
        test.outbox.change { $0.partSize = partSize }
        commit(1...30)
        let client = try await test.client(since: 10)
        #expect(try await connect(client) == [30, 20])
        #expect(try await client.numbers(20) == (11...30).map { $0 })
        try await waitUntil("it has caught up") { try await client.frames().isEmpty }
        try await test.broadcast(31)
        #expect(try await client.numbers(1) == [31])
        #expect(replays == [1, 20, 0])
    }

    @Test("gets nothing twice and misses nothing of what comes while it catches up")
    func broadcastsMeanwhile() async throws {
        test.outbox.change { $0.partSize = 1 }
        commit(1...50)
        let client = try await test.client(since: 0)
        // They share the loop with the pages.
        for number in 51...100 { try await test.broadcast(number) }
        _ = try await client.message("connect")
        #expect(try await client.numbers(100) == (1...100).map { $0 })
        #expect(try await client.frames().isEmpty)
    }

    @Test("who missed nothing gets what is new at once")
    func nothingMissed() async throws {
        commit(1...3)
        let client = try await test.client(since: 3)
        #expect(try await connect(client) == [3, 0])
        try await test.broadcast(4)
        #expect(try await client.numbers(1) == [4])
    }

    @Test("who has seen nothing gets nothing of the past")
    func newClient() async throws {
        commit(1...3)
        let client = try await test.client()
        #expect(try await connect(client) == [3, 0])
        #expect(try await client.frames().isEmpty)
        #expect(replays == [0, 0, 0])
    }

    @Test("gets the last 100 messages, and the state where it missed more")
    func tooMuchMissed() async throws {
        commit(1...101)
        let client = try await test.client(since: 1)
        #expect(try await connect(client) == [101, 100])
        #expect(try await client.numbers(100) == (2...101).map { $0 })
        let later = try await test.client(since: 0)
        #expect(try await connect(later) == [101, 1])
        #expect(try await later.message("resync")["seq"] == 101)
        try await test.broadcast(102)
        #expect(try await later.numbers(1) == [102])
        #expect(replays == [2, 100, 1])
    }

    @Test("gets the state where its position is of another epoch, or of a future that was lost")
    func otherEpoch() async throws {
        commit(1...3)
        let other = try #require(OutboxEpoch("00000000000000ff"))
        for (since, epoch) in [(2, other), (4, nil), (Int64.max, nil)] as [(Int64, OutboxEpoch?)] {
            let client = try await test.client(since: since, epoch: epoch)
            #expect(try await connect(client) == [3, 1])
            #expect(try await client.message("resync")["seq"] == 3)
        }
        let client = try await test.client(since: 2, epoch: .zero)
        #expect(try await connect(client) == [3, 1])
        #expect(try await client.numbers(1) == [3])
    }

    @Test("gets the next page once it has taken the one before")
    func pages() async throws {
        test.outbox.change { $0.partSize = 10 }
        commit(1...30)
        let client = try await test.client(since: 0, isReading: false)
        _ = try await client.message("connect")
        #expect(try await client.numbers(10) == (1...10).map { $0 })
        try await test.pass(seconds: 29)
        #expect(try await client.frames().isEmpty)
        try await client.setWritable(true)
        #expect(try await client.numbers(20) == (11...30).map { $0 })
    }

    @Test("is cut off where it does not take a page for 30 seconds")
    func pageTimeout() async throws {
        commit(1...30)
        let client = try await test.client(since: 0, isReading: false)
        _ = try await client.message("connect")
        _ = try await client.numbers(30)
        try await test.pass(seconds: 29)
        #expect(try await client.frames().isEmpty)
        try await test.pass(seconds: 1)
        #expect(try await client.close() == .init(code: 1013, reason: "what was missed is not read"))
        #expect(test.relay.counters.slow.load(ordering: .relaxed) == 1)
    }

    @Test("is turned away where the database cannot be read any more")
    func unreadableDatabase() async throws {
        test.outbox.change { $0.partSize = 10 }
        commit(1...30)
        let client = try await test.client(since: 0, isReading: false)
        _ = try await client.message("connect")
        _ = try await client.numbers(10)
        test.outbox.fail(true)
        try await client.setWritable(true)
        #expect(try await client.close() == .init(code: 1013, reason: "the database cannot be read now"))
    }
}
