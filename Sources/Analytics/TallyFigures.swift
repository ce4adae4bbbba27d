public import Domain
import Foundation

extension Tally {
    /// Share of the cases that are a success, 0…1; needs at least one case.
    public var effectiveness: Double {
        Double(successes) / Double(samples)
    }

    /// How much the number of cases is worth, 0.5…1: 1 from 100 cases on.
    public var confidence: Double {
        min(1, 0.5 + 0.5 * Double(samples) / 100)
    }

    /// Wilson score interval of the effectiveness at 95 %, inside 0…1; needs at least one case.
    public var interval: ClosedRange<Double> {
        wilsonInterval(successes: Int(successes), samples: Int(samples))
    }

    /// Effectiveness shrunk towards its level, 0…1.
    public func adjusted(by prior: Prior) -> Double {
        (Double(successes) + prior.a) / (Double(samples) + prior.a + prior.b)
    }

    /// Mean rating, 1…5; `nil` without cases.
    public var meanRating: Double? {
        samples == 0 ? nil : Double(ratingSum) / Double(samples)
    }

    /// Mean improvement, 1…5, over the cases that have one; `nil` where none has.
    public var meanImprovement: Double? {
        improvements == 0 ? nil : Double(improvementSum) / Double(improvements)
    }

    /// Mean compliance, 0…1, over the cases that have one; `nil` where none has.
    public var meanCompliance: Double? {
        compliances == 0 ? nil : Double(complianceSum) / Double(Compliance.scale) / Double(compliances)
    }
}

/// The quantile of the normal distribution that leaves 2.5 % above it.
let normalQuantile = 1.959963984540054

/// Wilson score interval of a share, two-sided 95 %, inside 0…1; needs at least one sample.
public func wilsonInterval(successes: Int, samples: Int) -> ClosedRange<Double> {
    let (z, successes, samples) = (normalQuantile, Double(successes), Double(samples))
    let share = successes / samples
    let denominator = 1 + z * z / samples
    let centre = (share + z * z / (2 * samples)) / denominator
    let spread = z * (share * (1 - share) / samples + z * z / (4 * samples * samples)).squareRoot() / denominator
    // At 0 and 1 the bound is exact; rounding would put it a hair outside.
    let low = successes == 0 ? 0 : max(0, centre - spread)
    let high = successes == samples ? 1 : min(1, centre + spread)
    return low...high
}

/// Interval of the difference of two shares, two-sided 95 %, inside −1…1: Newcombe's, from the Wilson intervals of both.
public func differenceInterval(
    _ share: Double, _ interval: ClosedRange<Double>, less other: Double, _ otherInterval: ClosedRange<Double>
) -> ClosedRange<Double> {
    func distance(_ first: Double, _ second: Double) -> Double { (first * first + second * second).squareRoot() }
    let below = distance(share - interval.lowerBound, otherInterval.upperBound - other)
    let above = distance(interval.upperBound - share, other - otherInterval.lowerBound)
    return max(-1, share - other - below)...min(1, share - other + above)
}
