import Foundation

/// SplitMix64 (Steele, Lea and Flood 2014): the checks see the same numbers in every run.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// More than 0 and less than 1.
    mutating func unit() -> Double {
        (Double(next() >> 11) + 0.5) * 0x1p-53
    }
}

/// P(x) = (1 - a)/(1 + a) · a^|x| with a = exp(-1/scale), over all integers.
struct ExactLaplace {
    let scale: Double

    init(scale: Double) {
        self.scale = scale
    }

    /// The noise of a cell or an entry: scale 2/ε.
    init(epsilon: Double) {
        self.init(scale: 2 / epsilon)
    }

    func mass(_ value: Int) -> Double {
        tanh(0.5 / scale) * exp(-Double(abs(value)) / scale)
    }

    /// P(X >= value).
    func tail(from value: Int) -> Double {
        let decay = exp(-1 / scale)
        return value > 0 ? exp(-Double(value) / scale) / (1 + decay) : 1 - exp(-Double(1 - value) / scale) / (1 + decay)
    }

    /// 2a/(1 - a)², the same as 2·e^(1/scale)/(e^(1/scale) - 1)².
    var variance: Double {
        let less = -expm1(-1 / scale)
        return 2 * exp(-1 / scale) / (less * less)
    }

    /// E|X| = 2a/(1 - a²).
    var meanMagnitude: Double {
        -2 * exp(-1 / scale) / expm1(-2 / scale)
    }

    /// E X⁴ - 3·(E X²)².
    var fourthCumulant: Double {
        let fourth = (1...max(1, reach(leaving: 1e-15))).reduce(0.0) { $0 + 2 * mass($1) * pow(Double($1), 4) }
        return fourth - 3 * variance * variance
    }

    /// The smallest k with P(|X| > k) <= `rest`.
    func reach(leaving rest: Double) -> Int {
        var reach = max(0, Int(scale * log(1 / rest)) - 2)
        while 2 * tail(from: reach + 1) > rest { reach += 1 }
        return reach
    }

    /// The difference of two geometric numbers, by inversion: another way to the same distribution.
    func sample(using generator: inout SplitMix64) -> Int {
        let first = Int(-scale * log(generator.unit()))
        let second = Int(-scale * log(generator.unit()))
        return first - second
    }

    /// The masses of -reach…reach; what lies beyond is in the first and last.
    func masses(reach: Int) -> [Double] {
        var masses = (-reach...reach).map(mass)
        masses[0] = tail(from: reach)
        masses[2 * reach] = masses[0]
        return masses
    }

    /// The masses of the sum of `terms` independent numbers, for -reach…reach; nearly nothing must lie beyond.
    func masses(ofSumOf terms: Int, reach: Int) -> [Double] {
        let one = (-reach...reach).map(mass)
        var sum = one
        for _ in 1..<terms {
            var next = [Double](repeating: 0, count: one.count)
            // a^|x| is a recursion from the left and one from the right.
            let decay = exp(-1 / scale)
            var run = 0.0
            for position in next.indices {
                run = run * decay + sum[position]
                next[position] = run
            }
            run = 0
            for position in next.indices.reversed() {
                next[position] = (next[position] + run) * tanh(0.5 / scale)
                run = (run + sum[position]) * decay
            }
            sum = next
        }
        return sum
    }
}

/// How often each integer was drawn, for -reach…reach; what lies beyond is in the first and last.
struct Histogram {
    let reach: Int
    private(set) var counts: [Int]
    private(set) var draws = 0
    private(set) var sum = 0.0
    private(set) var magnitudes = 0.0
    private(set) var squares = 0.0

    init(reach: Int) {
        self.reach = reach
        counts = [Int](repeating: 0, count: 2 * reach + 1)
    }

    mutating func add(_ value: Int) {
        counts[reach + max(-reach, min(reach, value))] += 1
        draws += 1
        sum += Double(value)
        magnitudes += Double(abs(value))
        squares += Double(value) * Double(value)
    }

    /// The p value of Pearson's χ² against `masses` (of -reach…reach). Bins are pooled from both ends until 10 draws
    /// are expected in each.
    func chiSquare(against masses: [Double]) -> Double {
        var bins: [(drawn: Int, expected: Double)] = []
        var open = (drawn: 0, expected: 0.0)
        let middle = reach
        for position in 0..<middle {
            open = (open.drawn + counts[position], open.expected + masses[position] * Double(draws))
            if open.expected >= 10 {
                bins.append(open)
                open = (0, 0)
            }
        }
        var center = (drawn: open.drawn + counts[middle], expected: open.expected + masses[middle] * Double(draws))
        open = (0, 0)
        for position in (middle + 1..<counts.count).reversed() {
            open = (open.drawn + counts[position], open.expected + masses[position] * Double(draws))
            if open.expected >= 10 {
                bins.append(open)
                open = (0, 0)
            }
        }
        center = (center.drawn + open.drawn, center.expected + open.expected)
        bins.append(center)
        let statistic = bins.reduce(0.0) { total, bin in
            let difference = Double(bin.drawn) - bin.expected
            return total + difference * difference / bin.expected
        }
        return chiSquareTail(statistic, degrees: bins.count - 1)
    }

    /// The smaller p value of χ² and of the variance, where each draw should be the sum of independent numbers.
    func likeness(toSumsOf terms: Int, _ exact: ExactLaplace) -> Double {
        let variance = Double(terms) * exact.variance
        let ofSquares = Double(terms) * exact.fourthCumulant + 2 * variance * variance
        let deviation = (squares - Double(draws) * variance) / (Double(draws) * ofSquares).squareRoot()
        return min(chiSquare(against: exact.masses(ofSumOf: terms, reach: reach)), twoSided(deviation))
    }

    /// The p value of the hypothesis that x and -x are equally likely, for each x.
    var symmetry: Double {
        var statistic = 0.0
        var degrees = 0
        var left = 0
        var right = 0
        for distance in (1...reach).reversed() {
            left += counts[reach - distance]
            right += counts[reach + distance]
            if left + right >= 20 {
                statistic += Double((left - right) * (left - right)) / Double(left + right)
                degrees += 1
                left = 0
                right = 0
            }
        }
        return degrees == 0 ? 1 : chiSquareTail(statistic, degrees: degrees)
    }
}

/// The p value of a standard normal number this far from 0 or farther.
func twoSided(_ deviation: Double) -> Double {
    erfc(abs(deviation) / 2.0.squareRoot())
}

/// P(χ² with that many degrees of freedom >= statistic), the regularized upper incomplete gamma function.
func chiSquareTail(_ statistic: Double, degrees: Int) -> Double {
    let shape = Double(degrees) / 2
    let point = statistic / 2
    if point <= 0 { return 1 }
    let front = exp(shape * log(point) - point - logGamma(shape))
    if point < shape + 1 {
        var term = 1 / shape
        var sum = term
        var next = shape
        while term > sum * 1e-17 {
            next += 1
            term *= point / next
            sum += term
        }
        return 1 - front * sum
    }
    // Lentz's method for the continued fraction.
    var offset = point + 1 - shape
    var upper = 1e300
    var lower = 1 / offset
    var value = lower
    for step in 1...100_000 {
        let factor = -Double(step) * (Double(step) - shape)
        offset += 2
        lower = 1 / nonzero(factor * lower + offset)
        upper = nonzero(offset + factor / upper)
        value *= lower * upper
        if abs(lower * upper - 1) < 1e-15 { break }
    }
    return front * value
}

/// ln Γ(x) for x > 0: Stirling's series, after a shift to 15 or more.
func logGamma(_ value: Double) -> Double {
    var shifted = value
    var product = 1.0
    while shifted < 15 {
        product *= shifted
        shifted += 1
    }
    let inverse = 1 / shifted
    let square = inverse * inverse
    let series =
        inverse * (1.0 / 12 - square * (1.0 / 360 - square * (1.0 / 1260 - square * (1.0 / 1680 - square / 1188))))
    return (shifted - 0.5) * log(shifted) - shifted + 0.5 * log(2 * Double.pi) + series - log(product)
}

/// P(a beta number with these two shapes <= point), the regularized incomplete beta function.
func betaMass(below point: Double, _ first: Double, _ second: Double) -> Double {
    if point <= 0 { return 0 }
    if point >= 1 { return 1 }
    if point > (first + 1) / (first + second + 2) { return 1 - betaMass(below: 1 - point, second, first) }
    let front = exp(
        first * log(point) + second * log1p(-point) + logGamma(first + second) - logGamma(first) - logGamma(second))
    var upper = 1.0
    var lower = 1 / nonzero(1 - (first + second) * point / (first + 1))
    var value = lower
    for step in 1...100_000 {
        let index = Double(step)
        let even = index * (second - index) * point / ((first + 2 * index - 1) * (first + 2 * index))
        lower = 1 / nonzero(1 + even * lower)
        upper = nonzero(1 + even / upper)
        value *= lower * upper
        let odd =
            -(first + index) * (first + second + index) * point / ((first + 2 * index) * (first + 2 * index + 1))
        lower = 1 / nonzero(1 + odd * lower)
        upper = nonzero(1 + odd / upper)
        value *= lower * upper
        if abs(lower * upper - 1) < 1e-15 { break }
    }
    return front * value / first
}

private func nonzero(_ value: Double) -> Double {
    abs(value) < 1e-300 ? 1e-300 : value
}

/// Clopper and Pearson's limits of a probability: each is wrong with a probability of `error` at most.
func exactLimits(_ successes: Int, of trials: Int, error: Double) -> ClosedRange<Double> {
    func solve(_ isBelow: (Double) -> Bool) -> Double {
        var range = (low: 0.0, high: 1.0)
        for _ in 0..<60 {
            let middle = (range.low + range.high) / 2
            if isBelow(middle) { range.low = middle } else { range.high = middle }
        }
        return (range.low + range.high) / 2
    }
    let hits = Double(successes)
    let misses = Double(trials - successes)
    let low = successes == 0 ? 0 : solve { betaMass(below: $0, hits, misses + 1) < error }
    let high = successes == trials ? 1 : solve { betaMass(below: $0, hits + 1, misses) < 1 - error }
    return low...high
}
