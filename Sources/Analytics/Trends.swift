public import Domain
import Foundation

/// The trend of every subject of a level that has a case in the last 90 days.
public func trends(of tallies: Keyed<Subject, WindowTallies>) -> Keyed<Subject, Trend> {
    Keyed(
        joining: inParts(tallies.count) { positions in
            var part = Keyed<Subject, Trend>()
            for position in positions where tallies.values[position].days90.samples > 0 {
                part.append(tallies.keys[position], Trend(tallies.values[position]))
            }
            return part
        })
}

extension WindowCounts {
    /// The trend that follows from them; `nil` without a case in the last 90 days.
    public var trend: Trend? { days90.samples > 0 ? Trend(self) : nil }
}

extension Trend {
    /// Cases that each of the two spans must have for a direction.
    static let fewestSamples: Int32 = 5
    /// How far the rate must move, either way, to count as a change.
    static let smallestChange = 0.05
    /// The largest q-value that counts as significant.
    public static let falseDiscoveryRate = 0.10

    /// The last 30 days against the 60 days before, which are what is left of the last 90.
    public init(_ tallies: WindowTallies) {
        self.init(
            recent: (tallies.days30.samples, tallies.days30.successes),
            last90Days: (tallies.days90.samples, tallies.days90.successes))
    }

    /// The last 30 days against the 60 days before, which are what is left of the last 90.
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
        guard let delta, recentSamples >= Self.fewestSamples, baselineSamples >= Self.fewestSamples else { return }
        let change = (delta * 1e12).rounded() / 1e12
        direction =
            if change >= Self.smallestChange {
                .improving
            } else if change <= -Self.smallestChange {
                .declining
            } else {
                .stable
            }
        pValue = twoProportionTest()
    }

    /// Success rate of the last 30 days, 0…1; `nil` without cases.
    public var recentRate: Double? {
        recentSamples == 0 ? nil : Double(recentSuccesses) / Double(recentSamples)
    }

    /// Success rate of the 60 days before, 0…1; `nil` without cases.
    public var baselineRate: Double? {
        baselineSamples == 0 ? nil : Double(baselineSuccesses) / Double(baselineSamples)
    }

    /// Recent rate less baseline rate, -1…1; `nil` where one of them is.
    public var delta: Double? {
        guard let recentRate, let baselineRate else { return nil }
        return recentRate - baselineRate
    }

    /// Two-sided two-proportion z test with pooled variance; 1 where the pooled rate is 0 or 1.
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

/// Benjamini–Hochberg q-values, 0…1, of p-values that were tested together; `nil` where no test was made.
public func qValues(of pValues: [Double?]) -> [Double?] {
    let tested = pValues.enumerated().compactMap { position, p in p.map { (position: position, p: $0) } }
        .sorted { $0.p > $1.p }
    var result = [Double?](repeating: nil, count: pValues.count)
    var smallest = 1.0
    for (ahead, test) in tested.enumerated() {
        let rank = tested.count - ahead
        smallest = min(smallest, test.p * Double(tested.count) / Double(rank))
        result[test.position] = smallest
    }
    return result
}

extension Keyed where Key == Subject, Value == Trend {
    /// The q-value of each trend among all of its level, in order; `nil` where no test was made.
    ///
    /// A q-value depends on all tests of the level, so it follows from them where it is asked for and is stored nowhere.
    public var qValues: [Double?] { Analytics.qValues(of: values.map(\.pValue)) }
}

extension Trend {
    /// Whether a q-value makes a change significant.
    public static func isSignificant(qValue: Double?) -> Bool {
        qValue.map { $0 <= falseDiscoveryRate } ?? false
    }
}
