import Configuration
import Domain
import Logging
import Pipeline
import ServiceLifecycle
import Store
import Synchronization

/// Computes what new feedback calls for, one run at a time: however often it is asked for while one goes on, one follows.
final class Recomputation: Service {
    /// The job that is run, of the clinic's jobs.
    static let job = "feedback"
    /// How long another run on the database is waited for.
    private static let patience = Duration.seconds(3600)

    private struct Wishes {
        /// Those who wait for a run.
        var waiting: [CheckedContinuation<Void, any Error>] = []
        var isEnded = false
    }

    private let database: any ClinicStore
    private let settings: Settings
    private let softwareVersion: String
    private let now: @Sendable () -> Instant
    private let logger: Logger
    private let onEvent: @Sendable (RunEvent) -> Void
    private let live: LiveDesk
    private let wishes = Mutex(Wishes())
    private let calls: AsyncStream<Void>
    private let call: AsyncStream<Void>.Continuation

    init(
        _ database: any ClinicStore, settings: Settings, live: LiveDesk, softwareVersion: String, logger: Logger,
        now: @escaping @Sendable () -> Instant, onEvent: @escaping @Sendable (RunEvent) -> Void
    ) {
        self.database = database
        self.settings = settings
        self.softwareVersion = softwareVersion
        self.live = live
        self.logger = logger
        self.onEvent = onEvent
        self.now = now
        (calls, call) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Asks for a run where enough feedback has come in, and does not wait for it.
    func ask() { call.yield() }

    /// Computes what feedback is new, however little, and waits for it.
    ///
    /// - Throws: what stood against the run; `Problem` where the server ends first.
    func perform() async throws {
        try await withCheckedThrowingContinuation { continuation in
            let isTaken = wishes.withLock { wishes in
                if !wishes.isEnded { wishes.waiting.append(continuation) }
                return !wishes.isEnded
            }
            if isTaken { call.yield() } else { continuation.resume(throwing: Self.ending) }
        }
    }

    private static var ending: Problem { Problem(.serviceUnavailable, "the server is about to end; try again later") }

    func run() async throws {
        // Read once, so that the first who asks need not wait; then for what came in before.
        do { try await live.prepare() } catch { logger.error("\(error)") }
        ask()
        await cancelWhenGracefulShutdown { [self] in
            for await _ in calls { await answer() }
        }
        let left = wishes.withLock { wishes in
            wishes.isEnded = true
            return wishes.waiting
        }
        for continuation in left { continuation.resume(throwing: Self.ending) }
    }

    private func answer() async {
        let waiting = wishes.withLock { wishes in
            defer { wishes.waiting = [] }
            return wishes.waiting
        }
        do {
            try await compute(atLeastOne: !waiting.isEmpty)
            for continuation in waiting { continuation.resume() }
        } catch RunError.stopped {
            // The server is ending, or could not begin; the next one makes up for it.
            for continuation in waiting { continuation.resume(throwing: Self.ending) }
        } catch {
            logger.error("feedback that came in could not be computed: \(error)")
            for continuation in waiting { continuation.resume(throwing: error) }
        }
    }

    private func compute(atLeastOne: Bool) async throws {
        var settings = settings
        if atLeastOne { settings.feedbackTrigger = 1 }
        let job = try JobDefinition(named: Self.job, in: settings.jobs)
        let runner = JobRunner(
            database: database, settings: settings, softwareVersion: softwareVersion, now: now, onEvent: onEvent)
        if try await runner.publishTouched(of: job, from: live, wait: Self.patience) { return }
        try await runner.run(job, as: .feedback, wait: Self.patience, mails: false)
        try await live.prepare()
    }
}
