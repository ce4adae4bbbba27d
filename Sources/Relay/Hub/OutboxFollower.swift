import Dispatch
import Domain
import NIOCore
import Store
import Synchronization

/// Hands on what was committed, in order and once: reads the deltas that other processes commit, and commits those that come
/// to us, which it need not read again. A commit may wait long for others that write; meanwhile reading goes on.
final class OutboxFollower: Sendable {
    private typealias Pending = (broadcast: Broadcast, continuation: CheckedContinuation<Int64?, any Error>)

    private struct State {
        /// The newest delta that was handed on.
        var position: Int64
        /// Whether the database could be read the last time.
        var isHealthy = true
        /// Broadcasts that are to be committed.
        var pending: [Pending] = []
        /// Wakes it when others commit; `nil` while it does not follow.
        var watch: (any OutboxWatch)?
        /// Whether followers in other processes will be told soon.
        var isSignalPlanned = false
    }

    /// Deltas that are read at a time.
    private static let pageSize = 2000
    /// How long followers in other processes wait to be told of broadcasts; our own are told at once.
    private static let signalDelay = DispatchTimeInterval.milliseconds(20)

    /// Where deltas are read.
    let queue = DispatchQueue(label: "avicenna.outbox")
    private let commits = DispatchQueue(label: "avicenna.outbox.commits")
    private let database: any ClinicStore
    private let writer: any BroadcastWriter
    private let now: @Sendable () -> Instant
    private let hubs: [NIOLoopBound<LoopHub>]
    private let admissions: Admissions
    private let counters: RelayCounters
    private let troubles: TroubleReport
    private let state: Mutex<State>

    /// A follower of what is committed from now on.
    ///
    /// - Throws: `StoreError`.
    init(
        _ database: any ClinicStore, hubs: [NIOLoopBound<LoopHub>], admissions: Admissions, counters: RelayCounters,
        troubles: TroubleReport, now: @escaping @Sendable () -> Instant
    ) throws {
        self.database = database
        writer = try database.broadcastWriter()
        self.hubs = hubs
        self.admissions = admissions
        self.counters = counters
        self.troubles = troubles
        self.now = now
        state = Mutex(State(position: try database.latestSequence()))
    }

    /// The newest delta that was handed on.
    var position: Int64 { state.withLock { $0.position } }

    /// Whether the database could be read the last time.
    var isHealthy: Bool { state.withLock { $0.isHealthy } }

    // MARK: What others commit

    /// Hears of others who say that they committed, until it is told to stop.
    ///
    /// - Parameter onSignal: called on the queue.
    /// - Throws: `UnwritableFile` where there is no hearing of them.
    func start(_ onSignal: @escaping @Sendable () -> Void) throws {
        let watch = try database.signal.watch(on: queue, onSignal)
        state.withLock { $0.watch = watch }
    }

    func stop() {
        state.withLock { $0.watch = nil }
    }

    /// Reads what was committed since the last time, and hands it on. On the queue.
    func readOn() {
        dispatchPrecondition(condition: .onQueue(queue))
        do {
            while try readPage() {}
            state.withLock { $0.isHealthy = true }
        } catch {
            // The next look tries again; meanwhile we say that we are not ready.
            state.withLock { $0.isHealthy = false }
            troubles.tell(error)
        }
    }

    /// - Returns: whether there may be more.
    private func readPage() throws -> Bool {
        let position = position
        let page = try database.outbox(after: position, limit: Self.pageSize, where: admissions.contains)
        guard page.last > position else { return false }
        state.withLock { state in
            // What was committed here meanwhile was handed on from there.
            let deltas = page.deltas.filter { $0.sequence > state.position }
            handOn(deltas, herbs: page.herbs, upTo: max(page.last, state.position), &state)
        }
        return page.isFull
    }

    /// Hands deltas to those who follow their diagnoses. Whoever does this holds the state, so that all come in order.
    private func handOn(
        _ deltas: [Delta], herbs: HerbNames, upTo last: Int64, _ state: inout State
    ) {
        state.position = last
        guard !deltas.isEmpty else { return }
        let frames = deltas.map { RelayFrame($0, herbs: herbs) }
        for hub in hubs { hub.eventLoop.execute { hub.value.deliver(frames) } }
        let now = now()
        for delta in deltas {
            counters.latency.add(Double(now.microseconds - delta.at.microseconds) / 1_000_000)
            counters.sent.withLock { $0[delta.change.kind.rawValue, default: 0] += 1 }
        }
    }

    // MARK: What comes to us

    /// Commits what another program has us tell, and hands it on. Broadcasts that come while others are being committed go
    /// together, so that a disk that is slow to say that it has written holds up many no longer than one.
    ///
    /// - Returns: the sequence number, once it is committed; `nil` where there is no such diagnosis.
    /// - Throws: `StoreError`.
    func broadcast(_ broadcast: Broadcast) async throws -> Int64? {
        try await withCheckedThrowingContinuation { continuation in
            state.withLock { $0.pending.append((broadcast, continuation)) }
            commits.async { [self] in commit() }
        }
    }

    private func commit() {
        let batch = state.withLock { state in
            let batch = state.pending
            state.pending = []
            return batch
        }
        guard !batch.isEmpty else { return }
        do {
            let now = now()
            let sequences = try writer.commit(batch.map(\.broadcast), at: now)
            let deltas = zip(batch, sequences).compactMap { item, sequence in
                sequence.map { Delta($0, of: item.broadcast, at: now) }
            }
            handOnCommitted(deltas)
            for (item, sequence) in zip(batch, sequences) { item.continuation.resume(returning: sequence) }
        } catch {
            for item in batch { item.continuation.resume(throwing: error) }
        }
    }

    private func handOnCommitted(_ deltas: [Delta]) {
        guard let first = deltas.first, let last = deltas.last else { return }
        let isNext = state.withLock { state in
            guard first.sequence == state.position + 1 else { return false }
            // One transaction counts without gaps: there is nothing of others in between.
            let wanted = deltas.filter { admissions.contains($0.diagnosis) }
            handOn(wanted, herbs: HerbNames(), upTo: last.sequence, &state)
            return true
        }
        if !isNext { queue.async { [self] in readOn() } }
        planSignal()
    }

    private func planSignal() {
        let isDue = state.withLock { state in
            guard !state.isSignalPlanned, state.watch?.hasOtherWatchers != false else { return false }
            state.isSignalPlanned = true
            return true
        }
        guard isDue else { return }
        queue.asyncAfter(deadline: .now() + Self.signalDelay) { [self] in
            state.withLock { $0.isSignalPlanned = false }
            database.signal.raise()
        }
    }
}

extension Delta {
    fileprivate init(_ sequence: Int64, of broadcast: Broadcast, at now: Instant) {
        self.init(
            sequence: sequence, diagnosis: broadcast.diagnosis, at: now,
            change: .broadcast(broadcast.kind, json: broadcast.json))
    }
}
