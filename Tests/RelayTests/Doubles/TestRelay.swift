import Access
import Configuration
import Domain
import Foundation
import NIOCore
import NIOEmbedded
import Store
import Synchronization
import TestSupport
import Testing

@testable import Relay

/// A relay of an outbox in memory. All of its clients are on one event loop, whose time the test sets.
struct TestRelay {
    let outbox = InMemoryOutbox()
    let clock = TestClock(instant("2026-10-20T09:00:00Z"))
    let loop = NIOAsyncTestingEventLoop()
    let relay: Relay
    let authenticator: TokenAuthenticator
    /// What the relay reported.
    let errors = Errors()
    private let folder: TemporaryFolder
    private let tokens: TokenSettings

    final class Errors: Sendable {
        private let reported = Mutex<[String]>([])

        var all: [String] { reported.withLock { $0 } }

        func add(_ error: any Error) { reported.withLock { $0.append("\(error)") } }
    }

    init(limits: Settings.ConnectionLimits = Settings.ConnectionLimits()) async throws {
        folder = try TemporaryFolder()
        var tokens = TokenSettings()
        tokens.secretFile = URL(filePath: try folder.write(String(repeating: "k", count: 40), to: "secret"))
        self.tokens = tokens
        let keys = try await TokenKeys(tokens) { [clock] in
            Date(timeIntervalSince1970: TimeInterval(clock.now.seconds))
        }
        authenticator = try TokenAuthenticator(keys: keys, database: outbox)
        relay = try await Relay(
            outbox, ownFigures: Settings().ownFigures, authenticator: authenticator, limits: limits, on: loop,
            now: { [clock] in clock.now }, report: { [errors] in errors.add($0) })
    }

    /// A token that is valid from now on.
    func token(
        _ role: Role = .admin, patient: Int64? = nil, subject: String = "s", id: String = "1",
        lifetime: TimeInterval = 3600
    ) async throws -> String {
        try await TokenKeys.sign(
            TokenClaims(
                subject: subject, role: role, patient: patient.map { PatientID(rawValue: $0) },
                issuedAt: Date(timeIntervalSince1970: TimeInterval(clock.now.seconds)), lifetime: lifetime, id: id),
            with: tokens)
    }

    /// A client that asks to follow a diagnosis; as an admin unless it has a token.
    ///
    /// - Parameter isReading: whether it takes what is written to it from the beginning.
    func client(
        _ diagnosis: DiagnosisID = InMemoryOutbox.first, token: String? = nil, since: Int64? = nil,
        epoch: OutboxEpoch? = nil, address: String = "192.0.2.1", isReading: Bool = true
    ) async throws -> TestClient {
        let token = if let token { token } else { try await self.token() }
        guard let address = IPAddress(address) else { preconditionFailure("\(address) is not an address") }
        let request = FollowRequest(
            diagnosis: diagnosis, token: token, since: since, epoch: epoch, address: address)
        let channel = NIOAsyncTestingChannel(loop: loop)
        try await channel.connect(to: SocketAddress(ipAddress: "192.0.2.1", port: 1)).get()
        try await loop.submit { [relay] in
            try relay.follow(request, on: channel)
            guard !isReading else { return }
            channel.isWritable = false
            channel.pipeline.fireChannelWritabilityChanged()
        }.get()
        return TestClient(channel: channel)
    }

    /// A client that follows a diagnosis: `connect` came.
    func follower(
        _ diagnosis: DiagnosisID = InMemoryOutbox.first, token: String? = nil, since: Int64? = nil
    ) async throws -> TestClient {
        let client = try await client(diagnosis, token: token, since: since)
        _ = try await client.message("connect")
        return client
    }

    /// Broadcasts a numbered message.
    ///
    /// - Returns: its sequence number; `nil` where there is no such diagnosis.
    @discardableResult
    func broadcast(
        _ number: Int, to diagnosis: DiagnosisID = InMemoryOutbox.first, letters: Int = 0
    ) async throws -> Int64? {
        try await relay.broadcast(
            Broadcast(
                diagnosis: diagnosis, kind: .feedback,
                data: #"{"n":\#(number),"pad":"\#(String(repeating: "x", count: letters))"}"#,
                requester: Requester(subject: "s", role: .service, patient: nil), request: "r"))
    }

    /// Runs the relay while `body` runs, and ends it.
    func running<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        let running = Task { [relay] in try await relay.run() }
        try await waitUntil("the relay runs") { outbox.bell.isWatched }
        do {
            let value = try await body()
            running.cancel()
            try await running.value
            return value
        } catch {
            running.cancel()
            throw error
        }
    }

    /// Lets seconds pass one by one, in each of which the clients are checked.
    func pass(seconds: Int64) async throws {
        for _ in 0..<seconds {
            clock.advance(seconds: 1)
            await loop.advanceTime(by: .seconds(1))
            try await onHub { [clock, authenticator] in $0.checkLiveness(at: clock.now, authenticator.revocations) }
        }
    }

    /// Does something with the hub, on its loop.
    @discardableResult
    func onHub<Value: Sendable>(_ body: @escaping @Sendable (LoopHub) -> Value) async throws -> Value {
        let hub = relay.hubs[0]
        return try await loop.submit { body(hub.value) }.get()
    }

    /// Connections that were refused or ended for a reason.
    func refusals(_ reason: String) -> Int { relay.counters.refused.withLock { $0[reason] ?? 0 } }
}
