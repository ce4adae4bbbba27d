import Domain
import Synchronization

/// Counts of what the relay did since it started, besides `MessageCounts`.
final class RelayCounters: Sendable {
    /// Connections that were refused or ended by us, by reason.
    let refused = Mutex<[String: Int]>([:])
    /// Clients that were cut off because they did not read.
    let slow = Atomic(0)
    /// Replays and the messages in them.
    let replays = Mutex((count: 0, messages: 0, resyncs: 0))

    func refuse(_ reason: String) { refused.withLock { $0[reason, default: 0] += 1 } }
}
