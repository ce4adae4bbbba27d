import Domain
import Store
import TestSupport
import Testing

@testable import Relay

/// The metrics of the relay count what they say.
@Suite(.timeLimit(.minutes(5))) struct RelayMetricsTests {
    private let test: TestRelay

    init() async throws {
        test = try await TestRelay()
    }

    /// The value of a metric; `nil` if there is none.
    private func metric(_ name: String) async throws -> Double? {
        let prefix = "avicenna_relay_\(name) "
        return await test.relay.metrics().split(separator: "\n").first { $0.hasPrefix(prefix) }.flatMap {
            Double($0.dropFirst(prefix.count))
        }
    }

    private func expect(_ values: [String: Double?], sourceLocation: SourceLocation = #_sourceLocation) async throws {
        for (name, value) in values {
            #expect(try await metric(name) == value, "\(name)", sourceLocation: sourceLocation)
        }
    }

    @Test("counts each message once for each client that it is written to")
    func messages() async throws {
        var clients: [TestClient] = []
        for diagnosis in [1, 1, 1, 2] as [Int64] {
            clients.append(try await test.follower(DiagnosisID(rawValue: diagnosis)))
        }
        for diagnosis in [1, 1, 2] as [Int64] { try await test.broadcast(1, to: DiagnosisID(rawValue: diagnosis)) }
        for client in clients { _ = try await client.numbers(1) }
        try await clients[0].send(#"{"type":"ping"}"#)
        try await expect([
            "connections": 4, #"messages_total{type="connect"}"#: 4, #"messages_total{type="feedback_update"}"#: 7,
            #"messages_total{type="pong"}"#: 1, #"messages_total{type="resync"}"#: nil, "delivery_seconds_count": 7,
        ])
        // Messages that were missed are not late.
        let returned = try await test.follower(since: 0)
        _ = try await returned.numbers(2)
        try await expect([
            #"messages_total{type="feedback_update"}"#: 9, "delivery_seconds_count": 7, "replays_total": 1,
            "replayed_messages_total": 2, "resyncs_total": 0,
        ])
    }

    @Test("measures the delay of a message when it is written, however long it waits for its client")
    func delay() async throws {
        let slow = try await test.follower()
        try await slow.setWritable(false)
        for number in 1...3 { try await test.broadcast(number) }
        test.clock.advance(seconds: 2)
        try await expect(["delivery_seconds_count": 0])
        try await slow.setWritable(true)
        try await expect(["delivery_seconds_count": 3, "delivery_seconds_sum": 6])
    }

    @Test("counts refusals by reason, slow clients, and clients that missed too much")
    func refusals() async throws {
        for _ in 1...2 { _ = try await test.client(token: "").close() }
        _ = try await test.client(DiagnosisID(rawValue: 9)).close()
        let slow = try await test.follower()
        try await slow.setWritable(false)
        for number in 1...257 { try await test.broadcast(number) }
        _ = try await slow.close()
        let late = try await test.follower(since: 0)
        _ = try await late.message("resync")
        test.relay.refuse("origin")
        try await expect([
            #"refused_total{reason="missing"}"#: 2, #"refused_total{reason="unknown"}"#: 1,
            #"refused_total{reason="origin"}"#: 1, #"refused_total{reason="full"}"#: nil, "slow_total": 1,
            "replays_total": 1, "replayed_messages_total": 0, "resyncs_total": 1, "connections": 1,
        ])
    }

    @Test("has no lag to tell where the database cannot be read")
    func lag() async throws {
        test.outbox.commit(.numbered(1), of: InMemoryOutbox.first)
        try await expect(["outbox_lag": 1])
        test.outbox.fail(true)
        try await expect(["outbox_lag": nil])
    }
}
