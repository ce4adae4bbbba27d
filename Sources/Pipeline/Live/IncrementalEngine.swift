import Analytics
import Concurrency
public import Configuration
public import Domain
public import Store

/// Keeps the clinic in memory as it is today, and computes from it what to expect, and what a few changes touch. It catches up
/// with the database before each answer, so that an answer includes all that was committed before it was asked for.
///
/// Its methods block a thread of its own while they read the database.
public actor IncrementalEngine {
    private struct State: Sendable {
        var clinic: IncrementalClinic?
        var version = ClinicVersion()
        /// Whether it knows what similar patients say of all recommendations.
        var isPrepared = false
        /// The run whose scores the clinic takes for published; `nil` where it was not told yet.
        var followedRun: RunID?
    }

    /// More changes than this are read faster with all the rest.
    private static let maxChanges = 10_000

    private let executor = BlockingActorExecutor(label: "avicenna.live")
    private let database: any ClinicStore
    private let settings: Settings
    private let now: @Sendable () -> Instant
    private var state = State()

    /// The thread on which it runs.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// An engine for a database, which is not read yet.
    public init(_ database: any ClinicStore, settings: Settings, now: @escaping @Sendable () -> Instant) {
        self.database = database
        self.settings = settings
        self.now = now
    }

    /// Reads the clinic where it is not read yet, and finds all similar patients, so that who asks then need not wait. Others
    /// are served meanwhile.
    ///
    /// - Throws: `StoreError`.
    public func prepare() async throws {
        if state.isPrepared, state.clinic?.asOf == today { try catchUp() }
        if state.isPrepared, state.clinic?.asOf == today { return }
        // One is let go of before the other is read: two would take twice the memory.
        state = State()
        state = try await preparedState()
        try catchUp()
        if let published = try database.publishedVersion() { try follow(published) }
    }

    @concurrent
    private nonisolated func preparedState() async throws -> State {
        let clinic = try database.affordableClinic(asOf: today, in: settings.timezone)
        // On all cores.
        var live = await withTaskExecutorPreference(globalConcurrentExecutor) {
            await IncrementalClinic.prepared(clinic, zone: settings.timezone, successRating: settings.successRating)
        }
        live.reserveCapacity()
        return State(clinic: live, version: clinic.version, isPrepared: true)
    }

    private nonisolated var today: Day { settings.timezone.day(of: now()) }

    /// What to expect in each of some diagnoses; without those that there are not.
    ///
    /// - Throws: `StoreError`.
    public func predictions(of diagnoses: [DiagnosisID]) throws -> [DiagnosisID: [ExplainedRecommendation]] {
        try predictions(ofEach: [diagnoses])[0]
    }

    /// What to expect in each of some diagnoses, for several who ask; without those that there are not.
    ///
    /// - Throws: `StoreError`.
    public func predictions(ofEach lists: [[DiagnosisID]]) throws -> [[DiagnosisID: [ExplainedRecommendation]]] {
        try catchUp()
        return lists.map { diagnoses in
            var readings: [DiagnosisID: [ExplainedRecommendation]] = [:]
            for diagnosis in diagnoses { readings[diagnosis] = state.clinic?.predictions(of: diagnosis) }
            return readings
        }
    }

    /// What was written since the results were published, and what that makes of them; `nil` where they are not of today, or
    /// where so much was written that all is to be computed. Only who holds the database's run lock may ask, since nobody else
    /// may publish meanwhile.
    ///
    /// - Throws: `StoreError`.
    func touched() async throws -> (changes: Int, results: TouchedResults)? {
        try await prepare()
        try catchUp()
        guard state.isPrepared, let published = try database.publishedVersion(), published.asOf == state.clinic?.asOf
        else { return nil }
        let (changes, version) = try database.changes(after: published.clinic, limit: Self.maxChanges)
        // Some of them may have come since it caught up; to take one up again changes nothing.
        guard let changes, changes.allSatisfy({ state.clinic?.apply($0) ?? false }) else {
            state = State()
            return nil
        }
        state.version = version
        try follow(published)
        let results = state.clinic?.touched(by: changes, upTo: version)
        return results.map { (changes.count, $0) }
    }

    /// Has the clinic know what is published of the predictions.
    private func follow(_ published: PublishedVersion) throws {
        guard state.followedRun != published.scoresRun else { return }
        let (predictions, evidence) = try database.readPublished { try $0.publishedPredictions() }
        state.clinic?.follow(predictions, on: evidence)
        state.followedRun = published.scoresRun
    }

    /// Notes that a run published what was touched.
    func note(_ results: TouchedResults, of run: RunID) {
        guard state.followedRun != nil, state.clinic?.asOf == results.asOf else { return }
        let isNewest = state.version == results.version
        state.clinic?.note(published: results, isNewest: isNewest)
        state.followedRun = run
    }

    private func catchUp() throws {
        if state.clinic?.asOf == today {
            let (changes, version) = try database.changes(after: state.version, limit: Self.maxChanges)
            if let changes, changes.allSatisfy({ state.clinic?.apply($0) ?? false }) {
                state.version = version
                return
            }
        }
        // One is let go of before the other is read: two would take twice the memory.
        state = State()
        let clinic = try database.affordableClinic(asOf: today, in: settings.timezone)
        state.version = clinic.version
        state.clinic = IncrementalClinic(clinic, zone: settings.timezone, successRating: settings.successRating)
    }
}
