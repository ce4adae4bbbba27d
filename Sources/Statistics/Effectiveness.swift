// Section "Effectiveness" of docs/definitions.md. Its intervals are in Intervals.swift, its prior in Prior.swift.

public import Domain

/// How much the number of cases alone is worth: confidence = min(1, 0.5 + 0.5 · n / 100).
private enum SampleConfidence {
    /// The confidence that no number of cases falls below.
    static let least = 0.5
    /// What a sufficient number of cases adds.
    static let gain = 0.5
    /// Cases from which the confidence is full.
    static let sufficientSamples = 100.0
}

extension Tally {
    /// Share of the cases that are a success, s / n, 0…1; needs at least one case.
    public var effectiveness: Double {
        Double(successes) / Double(samples)
    }

    /// Confidence by the number of cases, 0.5…1: full from 100 cases on.
    public var confidence: Double {
        min(1, SampleConfidence.least + SampleConfidence.gain * Double(samples) / SampleConfidence.sufficientSamples)
    }

    /// Wilson score interval of the effectiveness, two-sided 95 %, inside 0…1; needs at least one case.
    public var interval: ClosedRange<Double> {
        wilsonInterval(successes: Int(successes), samples: Int(samples))
    }

    /// Effectiveness shrunk towards its level, 0…1: (s + a) / (n + a + b), the posterior mean with a beta prior.
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

extension WindowCounts.Count {
    /// Share of the cases that are a success, s / n, 0…1; needs at least one case.
    public var effectiveness: Double { Double(successes) / Double(samples) }
}
