import Synchronization

/// Reports at most one error a second: an error of one client is often one of thousands.
final class ThrottledErrorReporter: Sendable {
    private let onError: @Sendable (any Error) -> Void
    private let last = Mutex<ContinuousClock.Instant?>(nil)

    init(_ report: @escaping @Sendable (any Error) -> Void) {
        onError = report
    }

    func report(_ error: any Error) {
        let isDue = last.withLock { last in
            if let last, last + .seconds(1) > .now { return false }
            last = .now
            return true
        }
        if isDue { onError(error) }
    }
}
