// Section "Prior" of docs/definitions.md.

public import Domain

/// Estimates the beta prior of a level and window by the method of moments of the beta-binomial distribution.
///
/// Kleinman, J. C. (1973): Proportions with extraneous variance: single and independent samples. JASA 68, 46–54.
///
/// It keeps how many subjects have each pair of cases and successes, which is all that the prior depends on and is small
/// however many subjects there are. The pairs are summed in one order, so that subjects that were added and removed in
/// any order give the same prior, bit by bit.
public struct PriorEstimator: Sendable {
    /// Cases from which a subject counts.
    @usableFromInline static var minimumSamples: Int32 { 5 }
    /// Subjects from which a prior is estimated.
    private static let minimumSubjects = 2.0
    /// What is taken for the variance between subjects at least, so that its reciprocal is finite.
    private static let minimumVariance = 1e-6
    /// The range of a + b.
    private static let strengths = 1.0...1000

    private struct Counts: Hashable, Comparable {
        let samples: Int32
        let successes: Int32

        static func < (left: Self, right: Self) -> Bool {
            (left.samples, left.successes) < (right.samples, right.successes)
        }
    }

    private var subjects: [Counts: Int] = [:]

    /// An estimator without subjects.
    public init() {}

    // Inlinable, since most subjects have too few cases to count.
    /// Adds a subject.
    @inlinable
    public mutating func add(_ tally: Tally) {
        if tally.samples >= Self.minimumSamples { change(tally, by: 1) }
    }

    /// Removes a subject that was added.
    @inlinable
    public mutating func remove(_ tally: Tally) {
        if tally.samples >= Self.minimumSamples { change(tally, by: -1) }
    }

    @usableFromInline
    mutating func change(_ tally: Tally, by difference: Int) {
        subjects[Counts(samples: tally.samples, successes: tally.successes), default: 0] += difference
    }

    /// The prior; `Prior.uninformed` where fewer than two subjects count, or where all of them succeed or all fail.
    public var prior: Prior {
        let shares = subjects.filter { $0.value > 0 }.sorted { $0.key < $1.key }.map { counts, subjects in
            (
                rate: Double(counts.successes) / Double(counts.samples), samples: Double(counts.samples),
                subjects: Double(subjects)
            )
        }
        let subjects = shares.reduce(0) { $0 + $1.subjects }
        let mean = shares.reduce(0) { $0 + $1.rate * $1.subjects } / subjects
        guard subjects >= Self.minimumSubjects, mean > 0, mean < 1 else { return .uninformed }
        let variance = shares.reduce(0) { $0 + ($1.rate - mean) * ($1.rate - mean) * $1.subjects } / subjects
        let within = shares.reduce(0) { $0 + mean * (1 - mean) / $1.samples * $1.subjects } / subjects
        let strength = min(
            Self.strengths.upperBound,
            max(Self.strengths.lowerBound, mean * (1 - mean) / max(variance - within, Self.minimumVariance) - 1))
        return Prior(a: mean * strength, b: (1 - mean) * strength)
    }
}
