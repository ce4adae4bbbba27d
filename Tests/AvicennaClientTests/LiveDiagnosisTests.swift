import AvicennaClient
import Foundation
import Synchronization
import Testing
import TestSupport

/// A client that loses its connection again and again, of a server that was not written here.
@Suite(.timeLimit(.minutes(30))) struct LiveDiagnosisTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func live(
        _ diagnosis: Int64, _ server: TestWebSocketServer, scheme: String = "ws",
        _ change: (inout LiveDiagnosis.Options) -> Void = { _ in },
        token: @escaping @Sendable () async throws -> String = { "t" }
    ) throws -> LiveDiagnosis {
        var options = LiveDiagnosis.Options()
        options.reconnection.firstWait = .milliseconds(10)
        change(&options)
        let url = try #require(URL(string: "\(scheme)://localhost:\(server.port)"))
        return LiveDiagnosis(diagnosis, at: url, options: options, token: token)
    }

    /// The sequence numbers of the next messages that tell something, and of none after them.
    private func sequences(_ live: LiveDiagnosis, _ count: Int) async throws -> [Int64] {
        var sequences: [Int64] = []
        for try await message in live.messages {
            if case .connected = message.content { continue }
            sequences.append(message.sequence)
            if sequences.count == count { break }
        }
        return sequences
    }

    @Test func anExpiredTokenIsReplacedAndNothingComesTwice() async throws {
        let server = try await TestWebSocketServer(in: folder)
        let tokens = Mutex(["second", "first"])
        let live = try live(1, server, token: { tokens.withLock { $0.popLast() ?? "none is left" } })
        let states = live.states
        #expect(try await sequences(live, 3) == [11, 12, 13])
        #expect(try server.lines == ["/ws/1 Bearer first", "/ws/1?since=12 Bearer second"])
        #expect(live.recent.map(\.sequence) == [11, 12, 13] && live.sequence == 13)
        var seen: [ConnectionState] = []
        for await state in states {
            seen.append(state)
            if state == .ended(nil) { break }
        }
        #expect(seen.count == 7, "\(seen)")
        #expect(seen.prefix(3) == [.idle, .connecting(attempt: 0), .connected])
        guard case .waiting(_, reason: "the token has expired") = seen[3] else {
            Issue.record("\(seen)")
            return
        }
        #expect(seen.suffix(3) == [.connecting(attempt: 1), .connected, .ended(nil)])
    }

    /// The connection is lost again before anything of the replay has arrived.
    @Test func anAppThatStoresResumePositionsHasNoHole() async throws {
        let server = try await TestWebSocketServer(in: folder)
        let first = try live(9, server) { $0.since = 10 }
        var stored: LivePosition? = 10
        for try await message in first.messages {
            #expect(message.sequence == 13 && message.content == .connected(replayed: 3))
            stored = message.resumePosition ?? stored
            break
        }
        #expect(stored == 10 && first.sequence == 10)
        let second = try live(9, server) { $0.since = stored }
        #expect(try await sequences(second, 3) == [11, 12, 13])
        #expect(second.sequence == 13 && second.recent.map(\.resumePosition?.sequence) == [11, 12, 13])
    }

    @Test func messagesInPartsArePutTogether() async throws {
        let server = try await TestWebSocketServer(in: folder)
        let live = try live(2, server)
        #expect(try await sequences(live, 1) == [11])
        guard case .other(_, let data)? = live.recent.last?.content else {
            Issue.record("it is read as something else")
            return
        }
        #expect(data["word"] == .string("گل‌گاوزبان"))
    }

    @Test func aSilentServerIsLeftAndTriedAgain() async throws {
        let server = try await TestWebSocketServer(in: folder)
        let live = try live(3, server) {
            $0.silence = .milliseconds(200)
            $0.reconnection.attempts = 2
        }
        // Each connection is there for a moment, and counts from the beginning again.
        var connections = 0
        for try await _ in live.messages {
            connections += 1
            if connections == 4 { break }
        }
        #expect(try server.lines.count == 4)
    }

    @Test func aServerThatDoesNotAnswerIsGivenUp() async throws {
        let server = try await TestWebSocketServer(in: folder)
        let live = try live(8, server) {
            $0.patience = .milliseconds(200)
            $0.reconnection.attempts = 2
        }
        await #expect(throws: LiveError.unreachable(attempts: 2, reason: "the server does not answer")) {
            for try await _ in live.messages {}
        }
        #expect(try server.lines.count == 3)
        #expect(live.state == .ended(.unreachable(attempts: 2, reason: "the server does not answer")))
    }

    @Test func whereNobodyListensItIsTriedAgainAfterGrowingWaits() async throws {
        var options = LiveDiagnosis.Options()
        options.reconnection.firstWait = .milliseconds(8)
        // Nobody listens there.
        let url = try #require(URL(string: "ws://127.0.0.1:1"))
        let live = LiveDiagnosis(1, at: url, options: options) { "t" }
        let states = live.states
        await #expect(throws: LiveError.unreachable(attempts: 5, reason: "connection refused")) {
            for try await _ in live.messages {}
        }
        var waits: [Duration] = []
        for await state in states {
            if case .waiting(let wait, _) = state { waits.append(wait) }
            if case .ended = state { break }
        }
        #expect(waits.count == 5)
        for (attempt, wait) in waits.enumerated() {
            let full = Duration.milliseconds(8) * (1 << attempt)
            #expect(wait >= full / 2 && wait <= full, "\(attempt): \(wait)")
        }
    }

    @Test func aServerThatIsBusyIsTriedAgain() async throws {
        let server = try await TestWebSocketServer(in: folder)
        let live = try live(7, server)
        for try await message in live.messages {
            #expect(message.content == .connected(replayed: 0))
            break
        }
        #expect(try server.lines.count == 3)
    }

    @Test func whatIsNotUnderstoodIsAskedForAgain() async throws {
        let server = try await TestWebSocketServer(in: folder)
        #expect(try await sequences(try live(4, server), 1) == [11])
        #expect(try server.lines.last == "/ws/4?since=10 Bearer t")
    }

    @Test func aRevokedTokenIsTheEnd() async throws {
        let server = try await TestWebSocketServer(in: folder)
        let live = try live(5, server)
        await #expect(throws: LiveError.refused("the token was revoked")) { for try await _ in live.messages {} }
        #expect(try server.lines.count == 1)
    }

    @Test func whoTakesNothingIsSentNothing() async throws {
        let server = try await TestWebSocketServer(in: folder)
        var messages = try live(6, server).messages.makeAsyncIterator()
        _ = try await messages.next()
        var sent: Int?
        try await waitUntil("the server says how much it sent") {
            sent = try server.lines.first { $0.hasPrefix("sent ") }.flatMap { Int($0.dropFirst(5)) }
            return sent != nil
        }
        // What sockets hold, and no more.
        #expect(try #require(sent) < 50_000)
        #expect(try await messages.next()?.sequence == 11)
    }

    @Test func cancellingEndsIt() async throws {
        let server = try await TestWebSocketServer(in: folder)
        let live = try live(3, server)
        let states = live.states
        let task = Task { for try await _ in live.messages {} }
        for await state in states where state == .connected { break }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(live.state == .ended(nil))
    }

    // MARK: TLS and addresses

    @Test func aServerWithTLSIsFollowedIfItsCertificateIsTrusted() async throws {
        let server = try await TestWebSocketServer(tls: true, in: folder)
        let certificate = URL(filePath: folder.path("cert.pem"))
        let trusting = try live(2, server, scheme: "wss", { $0.trustedCertificates = certificate })
        #expect(try await sequences(trusting, 1) == [11])
        let strange = try live(2, server, scheme: "wss", { $0.reconnection.attempts = 1 })
        let error = await #expect(throws: LiveError.self) { for try await _ in strange.messages {} }
        #expect(error == .unusable(.untrustedCertificate))
        // The certificate is for another name.
        var options = LiveDiagnosis.Options()
        options.trustedCertificates = certificate
        options.reconnection.attempts = 0
        let url = try #require(URL(string: "wss://127.0.0.1:\(server.port)"))
        let misnamed = LiveDiagnosis(2, at: url, options: options) { "t" }
        let refusal = await #expect(throws: LiveError.self) { for try await _ in misnamed.messages {} }
        #expect(refusal == .unusable(.certificateForOtherName(host: "127.0.0.1")))
    }

    private func error(of server: TestWebSocketServer, scheme: String, trusting certificate: String? = nil) async throws
        -> LiveError?
    {
        let live = try live(2, server, scheme: scheme) {
            $0.trustedCertificates = certificate.map { URL(filePath: folder.path($0)) }
        }
        return await #expect(throws: LiveError.self) { for try await _ in live.messages {} }
    }

    @Test func aCertificateOutOfItsTimeIsNamed() async throws {
        try await folder.addCertificate(notBefore: "20200101000000Z", notAfter: "20200201000000Z")
        let expired = try await TestWebSocketServer(tls: true, in: folder)
        #expect(
            try await error(of: expired, scheme: "wss", trusting: "cert.pem")
                == .unusable(.expiredCertificate(Date(timeIntervalSince1970: 1_580_515_200))))
        let other = try TemporaryFolder()
        try await other.addCertificate(notBefore: "20990101000000Z", notAfter: "20990201000000Z")
        let early = try await TestWebSocketServer(tls: true, in: other)
        #expect(
            try await error(of: early, scheme: "wss")
                == .unusable(.certificateNotYetValid(Date(timeIntervalSince1970: 4_070_908_800))))
    }

    @Test func aServerThatSpeaksSomethingElseIsNamedAtOnce() async throws {
        let plain = try await TestWebSocketServer(in: folder)
        #expect(try await error(of: plain, scheme: "wss") == .unusable(.notTLS))
        let pages = try live(10, plain)
        await #expect(throws: LiveError.unusable(.notWebSocket(status: 200, phrase: "OK"))) {
            for try await _ in pages.messages {}
        }
        let proxied = try live(11, plain)
        await #expect(throws: LiveError.unusable(.notWebSocket(status: 426, phrase: "Upgrade Required"))) {
            for try await _ in proxied.messages {}
        }
        let mail = try await TestMailServer(in: TemporaryFolder())
        let url = try #require(URL(string: "ws://127.0.0.1:\(mail.port)"))
        let foreign = LiveDiagnosis(1, at: url) { "t" }
        await #expect(throws: LiveError.unusable(.notHTTP)) { for try await _ in foreign.messages {} }
        // This may as well be a server that is restarting.
        let tls = try await TestWebSocketServer(tls: true, in: TemporaryFolder())
        let secure = try live(2, tls) {
            $0.reconnection.attempts = 0
        }
        let reason =
            "the server ends the connection without an answer; if it expects TLS, write wss:// in place of ws://"
        await #expect(throws: LiveError.unreachable(attempts: 0, reason: reason)) {
            for try await _ in secure.messages {}
        }
    }

    @Test(arguments: ["localhost", "ftp://localhost", "ws://", "ws://u:p@localhost", "ws://localhost?token=x"])
    func whatIsNoServerIsToldAtOnce(server: String) async throws {
        let live = LiveDiagnosis(1, at: try #require(URL(string: server))) { "t" }
        let error = await #expect(throws: LiveError.self) { for try await _ in live.messages {} }
        guard case .badConfiguration? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}
