// Section "Trend" of docs/definitions.md. Its q-values are in FalseDiscoveryRate.swift.

public import Domain
import Foundation

extension WindowCounts {
    /// The trend of these counts; `nil` without a case in the last 90 days.
    public var trend: Trend? { days90.samples > 0 ? Trend(self) : nil }
}

extension Trend {
    /// Cases that each of the two spans must have for a direction.
    private static let minimumSamples: Int32 = 5
    /// The difference of the rates, either way, from which the direction is not stable.
    private static let minimumChange = 0.05

    /// The trend of tallies: the last 30 days against the 60 days before, which are what is left of the last 90.
    public init(_ tallies: WindowTallies) {
        self.init(
            recent: (tallies.days30.samples, tallies.days30.successes),
            last90Days: (tallies.days90.samples, tallies.days90.successes))
    }

    fileprivate init(_ counts: WindowCounts) {
        self.init(
            recent: (counts.days30.samples, counts.days30.successes),
            last90Days: (counts.days90.samples, counts.days90.successes))
    }

    private init(
        recent: (samples: Int32, successes: Int32), last90Days: (samples: Int32, successes: Int32)
    ) {
        self.init(
            recentSamples: recent.samples, recentSuccesses: recent.successes,
            baselineSamples: last90Days.samples - recent.samples,
            baselineSuccesses: last90Days.successes - recent.successes, direction: .insufficient, pValue: nil)
        guard let delta, recentSamples >= Self.minimumSamples, baselineSamples >= Self.minimumSamples else { return }
        // Rounded, so that a change from 0.55 to 0.60 is one of 0.05.
        let change = roundedToTwelveDecimals(delta)
        direction =
            if change >= Self.minimumChange {
                .improving
            } else if change <= -Self.minimumChange {
                .declining
            } else {
                .stable
            }
        pValue = twoProportionTest()
    }

    /// Success rate r1 of the last 30 days, 0…1; `nil` without cases.
    public var recentRate: Double? {
        recentSamples == 0 ? nil : Double(recentSuccesses) / Double(recentSamples)
    }

    /// Success rate r0 of the 60 days before, 0…1; `nil` without cases.
    public var baselineRate: Double? {
        baselineSamples == 0 ? nil : Double(baselineSuccesses) / Double(baselineSamples)
    }

    /// Recent rate less baseline rate, -1…1; `nil` where one of them is.
    public var delta: Double? {
        guard let recentRate, let baselineRate else { return nil }
        return recentRate - baselineRate
    }

    /// The p-value of the two-sided two-proportion z test with pooled variance, 0…1; 1 where the pooled rate is 0 or 1.
    ///
    /// z² is the chi-squared statistic of the 2 × 2 table: Pearson, K. (1900): On the criterion that a given system of
    /// deviations … Philosophical Magazine 50, 157–175.
    private func twoProportionTest() -> Double {
        let recent = Double(recentSamples)
        let baseline = Double(baselineSamples)
        let pooled = Double(recentSuccesses + baselineSuccesses) / (recent + baseline)
        guard pooled > 0, pooled < 1 else { return 1 }
        let error = (pooled * (1 - pooled) * (1 / recent + 1 / baseline)).squareRoot()
        let z = (Double(recentSuccesses) / recent - Double(baselineSuccesses) / baseline) / error
        return erfc(abs(z) / 2.0.squareRoot())
    }
}
