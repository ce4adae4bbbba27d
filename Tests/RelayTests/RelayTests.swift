import Domain
import Store
import TestSupport
import Testing

@testable import Relay

/// The relay as a whole, while it runs.
@Suite(.timeLimit(.minutes(5))) struct RelayTests {
    private let test: TestRelay
    private var first: DiagnosisID { InMemoryOutbox.first }
    private var outbox: InMemoryOutbox { test.outbox }

    init() async throws {
        test = try await TestRelay()
    }

    @Test("tells followers what other processes commit, once they signal it")
    func signals() async throws {
        try await test.running {
            let client = try await test.follower()
            for number in 1...3 { outbox.commit(.numbered(number), of: first) }
            outbox.bell.raise()
            #expect(try await client.numbers(3) == [1, 2, 3])
            try await test.broadcast(4)
            outbox.commit(.numbered(5), of: first)
            outbox.bell.raise()
            #expect(try await client.numbers(2) == [4, 5])
        }
    }

    @Test("finds what was committed without a signal")
    func lostSignal() async throws {
        try await test.running {
            let client = try await test.follower()
            outbox.commit(.numbered(1), of: first)
            #expect(try await client.numbers(1) == [1])
        }
    }

    @Test("ends the connections of a token when its revocation is signalled")
    func revocations() async throws {
        try await test.running {
            let client = try await test.follower(token: try await test.token(id: "a"))
            let other = try await test.follower(token: try await test.token(id: "b"))
            outbox.revoke(.token(id: "a"), at: test.clock.now)
            outbox.bell.raise()
            #expect(try await client.close() == .init(code: 4003, reason: "the token was revoked"))
            try await test.broadcast(1)
            #expect(try await other.numbers(1) == [1])
        }
    }

    @Test("checks its clients once a second")
    func checks() async throws {
        try await test.running {
            let client = try await test.follower()
            test.clock.advance(seconds: 30)
            #expect(try await client.frames().isEmpty)
            await test.loop.advanceTime(by: .seconds(1))
            #expect(try await client.frames() == [.init(opcode: 9, payload: [])])
        }
    }

    @Test("is not ready while the database cannot be read, reports why, and loses nothing")
    func unreadableDatabase() async throws {
        #expect(test.relay.isReady)
        try await test.running {
            let client = try await test.follower()
            outbox.fail(true)
            outbox.commit(.numbered(1), of: first)
            outbox.bell.raise()
            try await waitUntil("the relay is not ready") { !test.relay.isReady }
            #expect(test.errors.all.first?.contains("disk I/O error") == true)
            #expect(client.isConnected)
            outbox.fail(false)
            #expect(try await client.numbers(1) == [1])
            try await waitUntil("the relay is ready") { test.relay.isReady }
        }
    }

    @Test("counts connections and what waits, and knows its lag")
    func status() async throws {
        let slow = try await test.follower()
        _ = try await test.follower()
        _ = try await test.follower(InMemoryOutbox.second)
        try await slow.setWritable(false)
        for number in 1...3 { try await test.broadcast(number) }
        let status = try await test.relay.status()
        #expect(status.connections == 3)
        #expect(status.connectionsByDiagnosis == [first: 2, InMemoryOutbox.second: 1])
        #expect(status.queuedByDiagnosis == [first: 3, InMemoryOutbox.second: 0])
        #expect(try await test.relay.lag() == 0)
        for number in 4...5 { outbox.commit(.numbered(number), of: first) }
        #expect(try await test.relay.lag() == 2)
    }

    @Test("tells only of what is committed after it began")
    func beginning() async throws {
        outbox.commit(.numbered(1), of: first)
        let test = test
        let relay = try await Relay(
            outbox, ownFigures: OwnFigures(timezone: .utc, successRating: .defaultSuccess),
            authenticator: test.authenticator, limits: .init(), on: test.loop, now: { test.clock.now }, report: { _ in }
        )
        #expect(try await relay.lag() == 0)
    }

    @Test("ends all connections when it ends, and says that they may come back")
    func end() async throws {
        var clients: [TestClient] = []
        for _ in 1...25 { clients.append(try await test.follower()) }
        try await test.running {}
        #expect(test.relay.admissions.snapshot.total == 0)
        #expect(!outbox.bell.isWatched)
        for client in clients {
            #expect(
                try await client.close()
                    == .init(code: 1001, reason: "the server is shutting down; reconnect with since"))
        }
    }
}
