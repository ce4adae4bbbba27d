public import Domain
import Synchronization

/// A clock that shows what a test sets.
public final class TestClock: Sendable {
    private let instant: Mutex<Instant>

    /// A clock that shows an instant.
    public init(_ instant: Instant) { self.instant = Mutex(instant) }

    /// What it shows.
    public var now: Instant { instant.withLock { $0 } }

    /// Lets time pass.
    public func advance(seconds: Int64) {
        instant.withLock { $0 = Instant(microseconds: $0.microseconds + seconds * 1_000_000) }
    }
}
