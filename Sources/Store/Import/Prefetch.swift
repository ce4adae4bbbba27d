import Dispatch
import Synchronization

/// Makes elements on a thread of its own, a few ahead of who takes them.
final class Prefetch<Element: Sendable>: Sendable {
    private struct State {
        var made: [Result<Element?, any Error>] = []
        var isStopped = false
    }

    private let state = Mutex(State())
    // Both begin at 0: one that is let go of below its first value ends the process.
    private let room = DispatchSemaphore(value: 0)
    private let filled = DispatchSemaphore(value: 0)

    /// Begins to make elements.
    ///
    /// - Parameters:
    ///   - ahead: how many are made before the first is taken.
    ///   - next: makes the next one; `nil` at the end. Only one thread calls it, one call after the other.
    init(ahead: Int, _ next: @escaping @Sendable () throws -> Element?) {
        for _ in 0..<ahead { room.signal() }
        DispatchQueue(label: "avicenna.prefetch").async { [self] in
            while true {
                room.wait()
                if state.withLock({ $0.isStopped }) { return }
                let element = Result { try next() }
                state.withLock { $0.made.append(element) }
                filled.signal()
                guard case .success(.some) = element else { return }
            }
        }
    }

    /// The next element; `nil` at the end, after which it is not to be asked again.
    func next() throws -> Element? {
        filled.wait()
        let element = state.withLock { $0.made.removeFirst() }
        room.signal()
        return try element.get()
    }

    /// Lets it make no more.
    func stop() {
        state.withLock { $0.isStopped = true }
        room.signal()
    }
}
