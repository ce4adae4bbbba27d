import Synchronization

/// How many took up to so many seconds. Safe to use from several threads.
public final class LatencyHistogram: Sendable {
    private let counts = Mutex(LatencyCounts())

    /// Counts nothing yet.
    public init() {}

    /// Counts something that took so many seconds.
    public func add(_ seconds: Double) { counts.withLock { $0.add(seconds) } }

    /// The values of a metric of kind `histogram`.
    public var samples: [PrometheusText.Sample] { counts.withLock { $0.samples } }
}

/// How many took up to so many seconds.
public struct LatencyCounts: Sendable {
    /// Upper bounds in seconds.
    private static let bounds = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5]

    private var buckets = [Int](repeating: 0, count: bounds.count)
    private var count = 0
    private var sum = 0.0

    /// Counts nothing yet.
    public init() {}

    /// Counts something that took so many seconds.
    public mutating func add(_ seconds: Double) {
        count += 1
        sum += seconds
        if let bucket = Self.bounds.firstIndex(where: { seconds <= $0 }) { buckets[bucket] += 1 }
    }

    /// Adds the counts of another histogram.
    public mutating func add(_ other: Self) {
        count += other.count
        sum += other.sum
        for bucket in buckets.indices { buckets[bucket] += other.buckets[bucket] }
    }

    /// The values of a metric of kind `histogram`.
    public var samples: [PrometheusText.Sample] {
        var total = 0
        let buckets = zip(Self.bounds, buckets).map { bound, count in
            total += count
            return PrometheusText.Sample(total, ["le": "\(bound)"], suffix: "_bucket")
        }
        return buckets + [
            .init(count, ["le": "+Inf"], suffix: "_bucket"), .init(sum, suffix: "_sum"),
            .init(count, suffix: "_count"),
        ]
    }
}
