import Dispatch
import Domain
import NIOCore
import Store
import Synchronization

/// Hands on what was committed, in order and once: reads the deltas that other processes commit, and takes those that this
/// process commits, which it need not read again.
final class OutboxFollower: Sendable {
    private struct State {
        /// The newest delta that was handed on.
        var position: Int64
        /// Whether the database could be read the last time.
        var isHealthy = true
        /// Wakes it when others commit; `nil` while it does not follow.
        var watch: (any OutboxWatch)?
        /// Whether followers in other processes will be told soon.
        var isSignalPlanned = false
    }

    /// Deltas that are read at a time.
    private static let pageSize = 2000
    /// How long after a broadcast other processes are signalled; our own followers get it at once.
    private static let signalDelay = DispatchTimeInterval.milliseconds(20)

    /// Where deltas are read.
    let queue = DispatchQueue(label: "avicenna.outbox")
    private let database: any Outbox
    private let hubs: [NIOLoopBound<LoopHub>]
    private let admissions: Admissions
    private let errors: ThrottledErrorReporter
    private let epoch: OutboxEpoch
    private let state: Mutex<State>

    /// A follower of what is committed from now on.
    ///
    /// - Throws: `StoreError`.
    init(
        _ database: any Outbox, epoch: OutboxEpoch, hubs: [NIOLoopBound<LoopHub>], admissions: Admissions,
        errors: ThrottledErrorReporter
    ) throws {
        self.database = database
        self.hubs = hubs
        self.admissions = admissions
        self.errors = errors
        self.epoch = epoch
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
            errors.report(error)
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
        let frames = deltas.map { RelayFrame($0, herbs: herbs, epoch: epoch) }
        for hub in hubs { hub.eventLoop.execute { hub.value.deliver(frames) } }
    }

    // MARK: What this process commits

    /// Hands on deltas that this process committed in one transaction.
    func handOnCommitted(_ deltas: [Delta]) {
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
