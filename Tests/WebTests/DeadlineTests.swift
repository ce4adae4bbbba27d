import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOPosix
import Synchronization
import TestSupport
import Testing

@testable import Web

/// A limit of time holds whatever the work does: the caller is answered, and the work ends when it can.
@Suite(.serialized, .timeLimit(.minutes(30))) struct DeadlineTests {
    private static let limit = Duration.milliseconds(200)

    private let loop = MultiThreadedEventLoopGroup.singleton.any()

    /// Work that ignores cancellation, as a write to a busy database does, and ends once the test allows it.
    private final class Work: Sendable {
        private let gate = DispatchSemaphore(value: 0)
        private let state = Mutex(false)

        var hasEnded: Bool { state.withLock { $0 } }

        /// Blocks its thread. It ends after a while in any case, so that a test that fails ends as well.
        func block() {
            _ = gate.wait(timeout: .now() + 600)
            state.withLock { $0 = true }
        }

        func run() async {
            await withCheckedContinuation { continuation in
                Thread.detachNewThread { [self] in
                    block()
                    continuation.resume()
                }
            }
        }

        func end() async throws {
            gate.signal()
            try await waitUntil("the work has ended") { hasEnded }
        }
    }

    /// Expects a problem while work still goes on, and ends the work.
    private func expect(
        _ status: HTTPResponse.Status, during work: Work, sourceLocation: SourceLocation = #_sourceLocation,
        _ body: () async throws -> Void
    ) async throws {
        let problem = await #expect(throws: Problem.self, sourceLocation: sourceLocation) { try await body() }
        #expect(problem?.status == status, sourceLocation: sourceLocation)
        #expect(!work.hasEnded, sourceLocation: sourceLocation)
        try await work.end()
    }

    // MARK: Work

    @Test("answers 503 in time if the work ignores cancellation, and lets the work end", arguments: [true, false])
    func stubbornWork(isLight: Bool) async throws {
        let work = Work()
        try await expect(.serviceUnavailable, during: work) {
            try await withDeadline(.now + Self.limit, on: loop, isLight: isLight) { await work.run() }
        }
    }

    @Test("cancels work that can be cancelled")
    func cancellableWork() async throws {
        let wasCancelled = Mutex(false)
        await #expect(throws: Problem.self) {
            try await withDeadline(.now + Self.limit, on: loop, isLight: false) {
                do { try await Task.sleep(for: .seconds(600)) } catch {
                    wasCancelled.withLock { $0 = true }
                    throw error
                }
            }
        }
        try await waitUntil("the work is cancelled") { wasCancelled.withLock { $0 } }
    }

    @Test("returns a result and an error that come in time")
    func timelyWork() async throws {
        #expect(try await withDeadline(.now + .seconds(60), on: loop, isLight: true) { 1 } == 1)
        await #expect(throws: CancellationError.self) {
            try await withDeadline(.now + .seconds(60), on: loop, isLight: true) { throw CancellationError() }
        }
    }

    @Test("lets a cancelled caller leave at once")
    func cancelledCaller() async throws {
        let work = Work()
        let caller = Task { [loop] in
            try await withDeadline(.now + .seconds(60), on: loop, isLight: false) { await work.run() }
        }
        try await Task.sleep(for: .milliseconds(50))
        caller.cancel()
        await #expect(throws: CancellationError.self) { try await caller.value }
        #expect(!work.hasEnded)
        try await work.end()
    }

    // MARK: Endpoints

    private func respond(
        _ endpoint: Endpoint, to method: HTTPRequest.Method, _ body: String = ""
    ) async throws -> Response {
        let group = MultiThreadedEventLoopGroup.singleton
        let logger = Logger(label: "t")
        let requester = Requester(subject: "t", role: .service, patient: nil)
        let responder = EndpointResponder(
            endpoint: endpoint,
            dependencies: EndpointResponder.Dependencies(
                limiter: RateLimiter(perMinute: 0),
                proxies: TrustedProxies(networks: [], untrustedForwarding: UntrustedForwarding(logger: logger)),
                access: .anybody(as: requester), publicFigures: { .none }, timeLimit: Self.limit))
        let channel = try await ServerBootstrap(group: group).bind(host: "127.0.0.1", port: 0).get()
        defer { channel.close(promise: nil) }
        let context = WebContext(source: ApplicationRequestContextSource(channel: channel, logger: logger))
        return try await responder.respond(
            to: Request(
                head: HTTPRequest(
                    method: method, scheme: "http", authority: "t", path: "/t",
                    headerFields: [.contentType: "application/json"]),
                body: .init(buffer: ByteBuffer(string: body))), context: context)
    }

    private func endpoint(
        _ method: HTTPRequest.Method, body: Schema? = nil, isLight: Bool = false,
        _ answer: @escaping @Sendable () async throws -> Answer
    ) -> Endpoint {
        Endpoint(
            method: method, path: "/t", group: .monitoring, summary: "", body: body, isLight: isLight,
            success: .init("", .anyObject), handler: .restricted([.service]) { _, _ in try await answer() })
    }

    @Test("answers 503 in time if an endpoint ignores cancellation")
    func stubbornEndpoint() async throws {
        let work = Work()
        let endpoint = endpoint(.get) {
            await work.run()
            return Answer(.object([]))
        }
        try await expect(.serviceUnavailable, during: work) { _ = try await respond(endpoint, to: .get) }
    }

    @Test("answers 503 in time if all threads that could parse a large body are busy", arguments: [true, false])
    func busyThreads(isLight: Bool) async throws {
        let works = (0..<NIOSingletons.blockingPoolThreadCountSuggestion).map { _ in Work() }
        for work in works { NIOThreadPool.singleton.submit { _ in work.block() } }
        let endpoint = endpoint(.post, body: .anyObject, isLight: isLight) { Answer(.object([])) }
        let text = String(repeating: "x", count: 4 * NetworkLimits.inlineJSON)
        try await expect(.serviceUnavailable, during: works[0]) {
            _ = try await respond(endpoint, to: .post, "{\"text\":\"\(text)\"}")
        }
        for work in works.dropFirst() { try await work.end() }
    }
}
