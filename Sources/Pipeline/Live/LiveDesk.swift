public import Analytics
public import Configuration
public import Domain
import Foundation
public import Store
import Synchronization

/// Keeps the clinic in memory as it is today, and asks it what to expect, and what a few changes touch. It catches up with what
/// was written before each answer, so that an answer is of all that was committed before it was asked for.
public final class LiveDesk: Sendable {
    private struct State {
        var clinic: LiveClinic?
        var version = ClinicVersion()
        /// Whether it knows what similar patients say of all recommendations.
        var isPrepared = false
        /// The run whose scores the clinic takes for published; `nil` where it was not told yet.
        var followedRun: RunID?
    }

    /// More changes than this are read faster with all the rest.
    private static let mostChanges = 10_000

    private let queue = DispatchQueue(label: "avicenna.live")
    private let database: any ClinicStore
    private let settings: Settings
    private let now: @Sendable () -> Instant
    private let state = Mutex(State())

    /// A desk for a database, which is not read yet.
    public init(_ database: any ClinicStore, settings: Settings, now: @escaping @Sendable () -> Instant) {
        self.database = database
        self.settings = settings
        self.now = now
    }

    /// Reads the clinic where it is not read yet, and finds all similar patients, so that who asks then need not wait.
    ///
    /// - Throws: `StoreError`.
    public func prepare() async throws {
        let isPrepared = try await onQueue { desk, state in
            if state.isPrepared, state.clinic?.asOf == desk.today { try desk.catchUp(&state) }
            // One is let go of before the other is read: two would take twice the memory.
            if !state.isPrepared || state.clinic?.asOf != desk.today { state = State() }
            return state.isPrepared
        }
        if isPrepared { return }
        let (clinic, version) = try await preparedClinic()
        try await onQueue { desk, state in
            state = State(clinic: clinic, version: version, isPrepared: true)
            try desk.catchUp(&state)
            if let published = try desk.database.publishedVersion() { try desk.follow(published, &state) }
        }
    }

    private func preparedClinic() async throws -> (LiveClinic, ClinicVersion) {
        let clinic = try database.affordableClinic(asOf: today, in: settings.timezone)
        var live = await LiveClinic.prepared(clinic, zone: settings.timezone, successRating: settings.successRating)
        live.makeRoom()
        return (live, clinic.version)
    }

    private var today: Day { settings.timezone.day(of: now()) }

    /// What to expect in each of some diagnoses; without those that there are not.
    ///
    /// - Throws: `StoreError`.
    public func predictions(of diagnoses: [DiagnosisID]) async throws -> [DiagnosisID: [LiveClinic.Reading]] {
        try await onQueue { desk, state in
            try desk.catchUp(&state)
            var readings: [DiagnosisID: [LiveClinic.Reading]] = [:]
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
        return try await onQueue { desk, state in
            try desk.catchUp(&state)
            guard state.isPrepared, let published = try desk.database.publishedVersion(),
                published.asOf == state.clinic?.asOf
            else { return nil }
            let (changes, version) = try desk.database.changes(after: published.clinic, limit: Self.mostChanges)
            // Some of them may have come since it caught up; to take one up again changes nothing.
            guard let changes, changes.allSatisfy({ state.clinic?.apply($0) ?? false }) else {
                state = State()
                return nil
            }
            state.version = version
            try desk.follow(published, &state)
            let results = state.clinic?.touched(by: changes, upTo: version)
            return results.map { (changes.count, $0) }
        }
    }

    /// Has the clinic know what is published of the predictions.
    private func follow(_ published: PublishedVersion, _ state: inout State) throws {
        guard state.followedRun != published.scoresRun else { return }
        let (predictions, bodies) = try database.readPublished { try $0.publishedPredictions() }
        state.clinic?.follow(predictions, on: bodies)
        state.followedRun = published.scoresRun
    }

    /// Notes that a run published what was touched.
    func note(_ results: TouchedResults, of run: RunID) async throws {
        try await onQueue { _, state in
            guard state.followedRun != nil, state.clinic?.asOf == results.asOf else { return }
            state.clinic?.note(published: results, isNewest: state.version == results.version)
            state.followedRun = run
        }
    }

    private func onQueue<Value: Sendable>(
        _ body: @escaping @Sendable (LiveDesk, inout sending State) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { [self] in
                continuation.resume(with: Result { try state.withLock { try body(self, &$0) } })
            }
        }
    }

    private func catchUp(_ state: inout State) throws {
        if state.clinic?.asOf == today {
            let (changes, version) = try database.changes(after: state.version, limit: Self.mostChanges)
            if let changes, changes.allSatisfy({ state.clinic?.apply($0) ?? false }) {
                state.version = version
                return
            }
        }
        // One is let go of before the other is read: two would take twice the memory.
        state = State()
        let clinic = try database.affordableClinic(asOf: today, in: settings.timezone)
        state.version = clinic.version
        state.clinic = LiveClinic(clinic, zone: settings.timezone, successRating: settings.successRating)
    }
}
