import Concurrency
import Configuration
import Domain
import Logging
import Pipeline
import ServiceLifecycle
import Store
import Synchronization

/// Computes what new feedback calls for, one run at a time: all requests that come during a run share the next.
final class RecomputeService: Service {
    /// Runs that may be waited for.
    private static let capacity = 5000

    private let runs: GroupCommit<FeedbackRun.Request, Void>
    /// Whether a run was requested that has not begun.
    private let isRequested: Flag

    init(
        _ database: any ClinicStore, settings: Settings, engine: IncrementalEngine, softwareVersion: String,
        logger: Logger, now: @escaping @Sendable () -> Instant, onEvent: @escaping @Sendable (RunEvent) -> Void
    ) {
        let run = FeedbackRun(
            database: database, settings: settings, engine: engine, softwareVersion: softwareVersion, logger: logger,
            now: now, onEvent: onEvent)
        let isRequested = Flag()
        self.isRequested = isRequested
        runs = GroupCommit(capacity: Self.capacity, label: "avicenna.recompute") { requests in
            isRequested.lower()
            try await run.perform(requests)
            return requests.map { _ in }
        }
    }

    /// Requests a run that computes new feedback if there is enough, and does not wait for it.
    func requestRun() {
        guard isRequested.raise() else { return }
        // The run itself logs why it failed.
        Task { try? await runs.submit(.enoughFeedback) }
    }

    /// Computes what feedback is new, however little, and waits for it. If the task is cancelled meanwhile, the run goes on.
    ///
    /// - Throws: the error of the run; `Problem` if the server ends first, or if too many wait; `CancellationError`.
    func perform() async throws {
        do {
            try await runs.submit(.anyFeedback)
        } catch is QueueFull {
            throw Problem.busy
        }
    }

    /// Reads the clinic, computes the feedback that came before, and then what is requested, until the server ends.
    func run() async throws {
        let startUp = Task { try await runs.submit(.startUp) }
        // Cancellation ends it as well.
        try? await gracefulShutdown()
        await runs.close(throwing: Problem.serverEnding)
        _ = await startUp.result
    }

    /// Set until the next run begins.
    private final class Flag: Sendable {
        private let isRaised = Atomic(false)

        /// - Returns: whether it was not raised before.
        func raise() -> Bool { !isRaised.exchange(true, ordering: .acquiringAndReleasing) }

        func lower() { isRaised.store(false, ordering: .releasing) }
    }
}

/// A run of the job `feedback`.
struct FeedbackRun: Sendable {
    /// Why a run is requested.
    enum Request {
        /// The server starts: the clinic is to be read, so that the first who asks need not wait.
        case startUp
        /// Feedback came in; it is computed if there is enough of it.
        case enoughFeedback
        /// Somebody waits for it, however little feedback there is.
        case anyFeedback
    }

    /// The job that is run, of the clinic's jobs.
    static let job = "feedback"
    /// How long another run on the database is waited for.
    private static let lockTimeout = Duration.seconds(3600)

    let database: any ClinicStore
    let settings: Settings
    let engine: IncrementalEngine
    let softwareVersion: String
    let logger: Logger
    let now: @Sendable () -> Instant
    let onEvent: @Sendable (RunEvent) -> Void

    /// Computes what was requested.
    ///
    /// - Throws: the error of the run, which is logged; `Problem` if the server ends first.
    func perform(_ requests: [Request]) async throws {
        if requests.contains(.startUp) {
            do { try await engine.prepare() } catch { logger.error("\(error)") }
        }
        do {
            try await compute(atLeastOne: requests.contains(.anyFeedback))
        } catch RunError.stopped {
            // The server is ending, or could not begin; the next one makes up for it.
            throw Problem.serverEnding
        } catch {
            logger.error("feedback that came in could not be computed: \(error)")
            throw error
        }
    }

    private func compute(atLeastOne: Bool) async throws {
        var settings = settings
        if atLeastOne { settings.feedbackTrigger = 1 }
        let job = try JobDefinition(named: Self.job, in: settings.jobs)
        let runner = JobRunner(
            database: database, settings: settings, softwareVersion: softwareVersion, now: now, onEvent: onEvent)
        if try await runner.publishTouched(of: job, from: engine, wait: Self.lockTimeout) { return }
        // A full run computes on all cores.
        try await withTaskExecutorPreference(globalConcurrentExecutor) { [runner] in
            _ = try await runner.run(job, as: .feedback, wait: Self.lockTimeout, mails: false)
        }
        try await engine.prepare()
    }
}

extension Problem {
    fileprivate static var serverEnding: Problem {
        Problem(.serviceUnavailable, "the server is shutting down; try again later")
    }
}
