import Domain
import NIOCore
import NIOEmbedded
import Store
import TestSupport
import Testing

@testable import Relay

@Suite(.timeLimit(.minutes(5))) struct LoopHubTests {
    private let test: TestRelay

    init() async throws {
        test = try await TestRelay()
    }

    private func frames(_ numbers: ClosedRange<Int>, of diagnosis: DiagnosisID = InMemoryOutbox.first) -> [RelayFrame] {
        numbers.map { number in
            RelayFrame(
                Delta(
                    sequence: Int64(number), diagnosis: diagnosis, at: Instant(seconds: 0),
                    change: .numbered(number)), herbs: HerbNames(), epoch: .zero)
        }
    }

    @Test(
        "keeps dense lists of its connections and of the followers of each diagnosis, whoever leaves", arguments: 1...5)
    func lists(seed: Int) throws {
        var random = TestRandom(seed)
        let hub = LoopHub(on: EmbeddedEventLoop())
        let address = try #require(IPAddress("192.0.2.1"))
        var all: [Connection] = []
        for step in 1...300 {
            if Bool.random(using: &random) || all.isEmpty {
                let request = FollowRequest(
                    diagnosis: DiagnosisID(rawValue: .random(in: 1...5, using: &random)), token: "", since: nil,
                    address: address)
                let connection = Connection(request, relay: test.relay, hub: hub)
                hub.add(connection)
                // Some leave before they follow.
                if step % 4 > 0 { hub.follow(connection) }
                all.append(connection)
            } else {
                let connection = all.remove(at: .random(in: 0..<all.count, using: &random))
                hub.remove(connection)
                #expect(connection.positions.amongAll == nil && connection.positions.amongFollowers == nil)
                // Nothing happens to those that have left.
                hub.remove(connection)
            }
            #expect(all.compactMap(\.positions.amongAll).sorted() == Array(0..<all.count))
            let followers = Dictionary(grouping: all.filter { $0.positions.amongFollowers != nil }) {
                $0.request.diagnosis
            }
            for connections in followers.values {
                #expect(
                    connections.compactMap(\.positions.amongFollowers).sorted() == Array(0..<connections.count))
            }
            #expect(Set(hub.waiting.keys) == Set(followers.keys))
        }
    }

    @Test("writes to those who follow a diagnosis now, and to nobody else")
    func followers() async throws {
        var clients: [TestClient] = []
        for _ in 1...4 { clients.append(try await test.follower()) }
        let other = try await test.follower(InMemoryOutbox.second)
        try await clients.remove(at: 1).vanish()
        let frames = frames(1...2) + frames(3...3, of: InMemoryOutbox.second)
        try await test.onHub { $0.deliver(frames) }
        for client in clients { #expect(try await client.numbers(2) == [1, 2]) }
        #expect(try await other.numbers(1) == [3])
        for client in clients + [other] { #expect(try await client.frames().isEmpty) }
    }

    @Test("writes much in several turns, in order, and lets others have theirs in between")
    func turns() async throws {
        var clients: [TestClient] = []
        for _ in 1...3 { clients.append(try await test.follower()) }
        let (first, second) = (frames(1...400), frames(401...410))
        let hub = test.relay.hubs[0]
        // Runs one turn alone.
        let written = try await test.loop.executeInContext {
            hub.value.deliver(first)
            hub.value.deliver(second)
            return hub.value.messageCounts.byType.first { $0.type == "feedback_update" }?.count ?? 0
        }
        #expect((500..<510).contains(written))
        // What a turn wrote is flushed at its end.
        var flushed: [ByteBuffer] = []
        while let frame = try await clients[0].channel.readOutbound(as: ByteBuffer.self) { flushed.append(frame) }
        #expect(flushed.count == written / 3)
        await test.loop.run()
        #expect(try await clients[0].numbers(410 - written / 3) == (Int64(written / 3 + 1)...410).map { $0 })
        for client in clients.dropFirst() { #expect(try await client.numbers(410) == (1...410).map { $0 }) }
    }

    @Test("counts the messages that wait, by diagnosis")
    func waiting() async throws {
        let (slow, slower) = (try await test.follower(), try await test.follower())
        _ = try await test.follower(InMemoryOutbox.second)
        for client in [slow, slower] { try await client.setWritable(false) }
        let frames = frames(1...3)
        try await test.onHub { $0.deliver(frames) }
        #expect(try await test.onHub { $0.waiting } == [InMemoryOutbox.first: 6, InMemoryOutbox.second: 0])
    }

    @Test("ends its connections part by part, until all have ended", arguments: [1, 7, 40])
    func endings(count: Int) async throws {
        for _ in 0..<count { _ = try await test.follower() }
        var left: [Int] = []
        for turnsLeft in (1...20).reversed() {
            try await test.onHub { $0.endPart(of: turnsLeft) }
            left.append(test.relay.admissions.snapshot.total)
        }
        #expect(left.last == 0)
        // No turn ends more than its part.
        #expect(zip([count] + left, left).allSatisfy { $0 - $1 <= (count + 19) / 20 })
    }
}
