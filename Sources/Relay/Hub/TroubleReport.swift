import Synchronization

/// Tells what stands in the way, once in a while: what concerns one client often concerns thousands.
final class TroubleReport: Sendable {
    private let report: @Sendable (any Error) -> Void
    private let last = Mutex<ContinuousClock.Instant?>(nil)

    init(_ report: @escaping @Sendable (any Error) -> Void) {
        self.report = report
    }

    func tell(_ error: any Error) {
        let isDue = last.withLock { last in
            if let last, last + .seconds(1) > .now { return false }
            last = .now
            return true
        }
        if isDue { report(error) }
    }
}
