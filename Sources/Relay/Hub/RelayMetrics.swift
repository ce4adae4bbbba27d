import Synchronization

/// Counts of what the relay did since it started.
final class RelayCounters: Sendable {
    /// Messages that were written to clients, by type.
    let sent = Mutex<[String: Int]>([:])
    /// Connections that were refused or ended by us, by reason.
    let refused = Mutex<[String: Int]>([:])
    /// Clients that were cut off because they did not read.
    let slow = Atomic(0)
    /// Replays and the messages in them.
    let replays = Mutex((count: 0, messages: 0, resyncs: 0))
    /// Seconds from commit to write, of messages.
    let latency = LatencyHistogram()

    func refuse(_ reason: String) { refused.withLock { $0[reason, default: 0] += 1 } }
}

/// How many took up to so many seconds.
final class LatencyHistogram: Sendable {
    /// Upper bounds in seconds.
    static let bounds = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5]

    private let state = Mutex((buckets: [Int](repeating: 0, count: bounds.count), count: 0, sum: 0.0))

    func add(_ seconds: Double) {
        state.withLock { state in
            state.count += 1
            state.sum += seconds
            if let bucket = Self.bounds.firstIndex(where: { seconds <= $0 }) { state.buckets[bucket] += 1 }
        }
    }

    /// Counts up to each bound, of all, and the sum of seconds.
    var snapshot: (cumulative: [Int], count: Int, sum: Double) {
        state.withLock { state in
            var total = 0
            let cumulative = state.buckets.map { bucket in
                total += bucket
                return total
            }
            return (cumulative, state.count, state.sum)
        }
    }
}
