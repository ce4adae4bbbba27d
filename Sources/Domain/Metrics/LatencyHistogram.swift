import Synchronization

/// How many took up to so many seconds.
public final class LatencyHistogram: Sendable {
    /// Upper bounds in seconds.
    private static let bounds = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5]

    private let state = Mutex((buckets: [Int](repeating: 0, count: bounds.count), count: 0, sum: 0.0))

    /// Counts nothing yet.
    public init() {}

    /// Counts something that took so many seconds.
    public func add(_ seconds: Double) {
        state.withLock { state in
            state.count += 1
            state.sum += seconds
            if let bucket = Self.bounds.firstIndex(where: { seconds <= $0 }) { state.buckets[bucket] += 1 }
        }
    }

    /// The values of a metric of kind `histogram`.
    public var samples: [PrometheusText.Sample] {
        state.withLock { state in
            var total = 0
            let buckets = zip(Self.bounds, state.buckets).map { bound, count in
                total += count
                return PrometheusText.Sample(total, ["le": "\(bound)"], suffix: "_bucket")
            }
            return buckets + [
                .init(state.count, ["le": "+Inf"], suffix: "_bucket"), .init(state.sum, suffix: "_sum"),
                .init(state.count, suffix: "_count"),
            ]
        }
    }
}
