import Synchronization

/// Lets each client ask so many times a minute, as a bucket that fills steadily and holds a minute's worth.
final class RateLimiter: Sendable {
    private struct Bucket {
        var tokens: Double
        var filled: ContinuousClock.Instant
    }

    /// Clients that are remembered. Where there are more, those whose buckets are full are forgotten, then all.
    private static let most = 100_000

    private let perMinute: Double
    private let buckets = Mutex<[String: Bucket]>([:])

    /// - Parameter perMinute: 0 for no limit.
    init(perMinute: Int) {
        self.perMinute = Double(perMinute)
    }

    /// Counts a request.
    ///
    /// - Parameter cost: how many requests it counts for, more than 0 and at most 1.
    /// - Returns: the seconds to wait where it comes too early; `nil` where it may pass.
    func delay(for client: String, cost: Double = 1, at now: ContinuousClock.Instant = .now) -> Int? {
        guard perMinute > 0 else { return nil }
        return buckets.withLock { buckets in
            if buckets.count >= Self.most, buckets[client] == nil { forget(&buckets, at: now) }
            var bucket = buckets[client] ?? Bucket(tokens: perMinute, filled: now)
            bucket.tokens = tokens(of: bucket, at: now)
            bucket.filled = now
            defer { buckets[client] = bucket }
            // Parts add up to a little less or more than they should.
            guard bucket.tokens >= cost - 1e-6 else {
                return max(1, Int(((cost - bucket.tokens) / perMinute * 60).rounded(.up)))
            }
            bucket.tokens -= cost
            return nil
        }
    }

    private func tokens(of bucket: Bucket, at now: ContinuousClock.Instant) -> Double {
        min(perMinute, bucket.tokens + (now - bucket.filled) / .seconds(60) * perMinute)
    }

    private func forget(_ buckets: inout [String: Bucket], at now: ContinuousClock.Instant) {
        buckets = buckets.filter { tokens(of: $0.value, at: now) < perMinute }
        if buckets.count >= Self.most { buckets.removeAll() }
    }
}
