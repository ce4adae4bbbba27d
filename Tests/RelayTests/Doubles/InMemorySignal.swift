import Dispatch
import Store
import Synchronization

/// A signal between the parts of one test, which counts how often it is raised.
final class InMemorySignal: OutboxSignal {
    private struct State {
        var raised = 0
        var watch: WeakWatch?
        var hasOtherWatchers = true
    }

    private struct WeakWatch {
        weak var value: Watch?
    }

    private final class Watch: OutboxWatch {
        let queue: DispatchQueue
        let body: @Sendable () -> Void
        let hasOtherWatchers: Bool

        init(_ queue: DispatchQueue, _ body: @escaping @Sendable () -> Void, hasOtherWatchers: Bool) {
            self.queue = queue
            self.body = body
            self.hasOtherWatchers = hasOtherWatchers
        }
    }

    private let state = Mutex(State())

    /// How often it was raised.
    var raised: Int { state.withLock { $0.raised } }

    /// Whether somebody watches.
    var isWatched: Bool { state.withLock { $0.watch?.value != nil } }

    /// Whether watches that begin from now on say that other processes watch as well.
    var hasOtherWatchers: Bool {
        get { state.withLock { $0.hasOtherWatchers } }
        set { state.withLock { $0.hasOtherWatchers = newValue } }
    }

    func raise() {
        let watch = state.withLock { state in
            state.raised += 1
            return state.watch?.value
        }
        if let watch { watch.queue.async { watch.body() } }
    }

    func watch(on queue: DispatchQueue, _ body: @escaping @Sendable () -> Void) -> any OutboxWatch {
        state.withLock { state in
            let watch = Watch(queue, body, hasOtherWatchers: state.hasOtherWatchers)
            state.watch = WeakWatch(value: watch)
            return watch
        }
    }
}
