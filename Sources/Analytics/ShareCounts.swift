import Domain

/// How many subjects of a level have so many cases and successes: all that a prior depends on, and few numbers however many
/// subjects there are. Sums over it are made in one order, so that they do not depend on how it came about.
struct ShareCounts: Sendable {
    /// Cases from which a subject counts.
    private static let fewestSamples: Int32 = 5

    private struct Share: Hashable, Comparable {
        let samples: Int32
        let successes: Int32

        static func < (left: Self, right: Self) -> Bool {
            (left.samples, left.successes) < (right.samples, right.successes)
        }
    }

    private var counts: [Share: Int] = [:]

    /// Adds a subject, or takes it away again.
    mutating func count(_ tally: Tally, sign: Int = 1) {
        guard tally.samples >= Self.fewestSamples else { return }
        counts[Share(samples: tally.samples, successes: tally.successes), default: 0] += sign
    }

    /// The beta prior by the method of moments; `Prior.uninformed` where there are fewer than two subjects, or where all
    /// succeed or all fail.
    var prior: Prior {
        let shares = counts.filter { $0.value > 0 }.sorted { $0.key < $1.key }.map { share, count in
            (
                rate: Double(share.successes) / Double(share.samples), samples: Double(share.samples),
                count: Double(count)
            )
        }
        let subjects = shares.reduce(0) { $0 + $1.count }
        let mean = shares.reduce(0) { $0 + $1.rate * $1.count } / subjects
        guard subjects >= 2, mean > 0, mean < 1 else { return .uninformed }
        let variance = shares.reduce(0) { $0 + ($1.rate - mean) * ($1.rate - mean) * $1.count } / subjects
        let within = shares.reduce(0) { $0 + mean * (1 - mean) / $1.samples * $1.count } / subjects
        let strength = min(1000, max(1, mean * (1 - mean) / max(variance - within, 1e-6) - 1))
        return Prior(a: mean * strength, b: (1 - mean) * strength)
    }
}
