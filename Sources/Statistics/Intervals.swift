// Section "Intervals" of docs/definitions.md.

/// The quantile of the normal distribution with 2.5 % above it: z of all two-sided 95 % intervals.
let normalQuantile = 1.959963984540054

/// Wilson score interval of a share, two-sided 95 %, inside 0…1; needs at least one sample.
///
/// Wilson, E. B. (1927): Probable inference, the law of succession, and statistical inference. JASA 22, 209–212.
public func wilsonInterval(successes: Int, samples: Int) -> ClosedRange<Double> {
    let (z, successes, samples) = (normalQuantile, Double(successes), Double(samples))
    let share = successes / samples
    let denominator = 1 + z * z / samples
    let centre = (share + z * z / (2 * samples)) / denominator
    let spread = z * (share * (1 - share) / samples + z * z / (4 * samples * samples)).squareRoot() / denominator
    // At 0 and 1 the bound is exact; rounding would put it slightly outside.
    let low = successes == 0 ? 0 : max(0, centre - spread)
    let high = successes == samples ? 1 : min(1, centre + spread)
    return low...high
}

/// Interval of the difference of two independent shares from their Wilson intervals, two-sided 95 %, inside −1…1.
///
/// Newcombe, R. G. (1998): Interval estimation for the difference between independent proportions. Statistics in Medicine
/// 17, 873–890, method 10.
public func differenceInterval(
    _ share: Double, _ interval: ClosedRange<Double>, less other: Double, _ otherInterval: ClosedRange<Double>
) -> ClosedRange<Double> {
    func distance(_ first: Double, _ second: Double) -> Double { (first * first + second * second).squareRoot() }
    let below = distance(share - interval.lowerBound, otherInterval.upperBound - other)
    let above = distance(interval.upperBound - share, other - otherInterval.lowerBound)
    return max(-1, share - other - below)...min(1, share - other + above)
}

/// The quantile of Student's t with 2.5 % above it, by its asymptotic series to the third order in 1/ν.
///
/// Abramowitz, M. and Stegun, I. A. (1964): Handbook of Mathematical Functions, 26.7.5.
///
/// - Parameter degrees: the degrees of freedom ν, at least 2. At 2 the series gives 4.17 (exact: 4.30); from 10 on it is
///   exact to four digits.
func studentT(degrees: Double) -> Double {
    let z = normalQuantile
    let (z3, z5, z7) = (z * z * z, z * z * z * z * z, z * z * z * z * z * z * z)
    let first = (z3 + z) / (4 * degrees)
    let second = (5 * z5 + 16 * z3 + 3 * z) / (96 * degrees * degrees)
    let third = (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * degrees * degrees * degrees)
    return z + first + second + third
}
