import Domain
import Foundation
import Statistics
import Testing

/// The sampler of the noise against the exact distribution P(x) = (1 - a)/(1 + a) · a^|x|, a = exp(-1/scale).
///
/// The numbers come from a seeded generator, so a sampler passes always or never. A correct one would be refused for
/// one seed in some 3,000: `LaplaceFit` asks for five p values of 1e-5 or more in each of seven scales.
@Suite(.timeLimit(.minutes(30))) struct DiscreteLaplaceTests {
    /// 4/1 is the noise of a cell for ε = 0.5. It has more draws, so that 1 % of the mass of 0 is 7 standard errors.
    @Test(
        "draws follow the exact distribution",
        arguments: [
            (4, 1, 4_000_000), (1, 1, 1_000_000), (1, 3, 1_000_000), (20, 3, 1_000_000), (2000, 7, 1_000_000),
            (2000, 500, 300_000), (2000, 1, 300_000),
        ])
    func followsTheDistribution(numerator: Int, denominator: Int, draws: Int) {
        let sampler = DiscreteLaplace(scaleNumerator: numerator, scaleDenominator: denominator)
        var generator = SplitMix64(seed: 0x5EED_0000 + UInt64(numerator * 4096 + denominator))
        let exact = ExactLaplace(scale: Double(numerator) / Double(denominator))
        let fit = LaplaceFit(exact, draws: draws) { sampler.sample(using: &generator) }
        #expect(fit.isAccepted, "\(fit)")
    }

    @Test("a scale near 0 gives zeros alone") func vanishes() {
        let sampler = DiscreteLaplace(scaleNumerator: 7, scaleDenominator: 2000)
        var generator = SplitMix64(seed: 2)
        for _ in 0..<1000 {
            #expect(sampler.sample(using: &generator) == 0)
        }
    }

    @Test("equal generators give equal draws") func isDeterministic() {
        let sampler = DiscreteLaplace(scaleNumerator: 20, scaleDenominator: 3)
        var first = SplitMix64(seed: 1)
        var second = SplitMix64(seed: 1)
        for _ in 0..<1000 {
            #expect(sampler.sample(using: &first) == sampler.sample(using: &second))
        }
    }

    @Test("successive draws are independent") func isIndependent() {
        let sampler = DiscreteLaplace(scaleNumerator: 4, scaleDenominator: 1)
        let exact = ExactLaplace(scale: 4)
        var generator = SplitMix64(seed: 0x1D_0001)
        var sums = Histogram(reach: 300)
        var differences = Histogram(reach: 300)
        for _ in 0..<150_000 {
            let first = sampler.sample(using: &generator)
            let second = sampler.sample(using: &generator)
            sums.add(first + second)
            differences.add(first - second)
        }
        let masses = exact.masses(ofSumOf: 2, reach: 300)
        #expect(sums.chiSquare(against: masses) > 1e-5)
        #expect(differences.chiSquare(against: masses) > 1e-5)
    }

    /// The numbers differ in every run: the bounds are such that a correct sampler is refused once in 10⁹ runs.
    @Test("the system's generator works") func drawsFromTheSystem() {
        let sampler = DiscreteLaplace(scaleNumerator: 4, scaleDenominator: 1)
        let exact = ExactLaplace(scale: 4)
        var generator = SystemRandomNumberGenerator()
        let fit = LaplaceFit(exact, draws: 50_000) { sampler.sample(using: &generator) }
        #expect(fit.smallest > 1e-10, "\(fit)")
    }

    @Test("a correct sampler of another kind is accepted", arguments: [4.0, 1, 1.0 / 3, 20.0 / 3, 2000.0 / 7])
    func acceptsCorrectSampler(scale: Double) {
        var generator = SplitMix64(seed: 0xACCE_0000)
        let exact = ExactLaplace(scale: scale)
        let fit = LaplaceFit(exact, draws: 300_000) { exact.sample(using: &generator) }
        #expect(fit.isAccepted, "\(fit)")
    }

    /// The sign is drawn after the magnitude, and "minus 0" counts as 0 instead of being drawn anew.
    @Test("zero counted twice is refused", arguments: [4.0, 1, 1.0 / 3, 20.0 / 3, 2000.0 / 7])
    func refusesDoubleZero(scale: Double) {
        var generator = SplitMix64(seed: 0xBAD_0000)
        let exact = ExactLaplace(scale: scale)
        let fit = LaplaceFit(exact, draws: 300_000) {
            let magnitude = Int(-scale * log(generator.unit()))
            return generator.unit() < 0.5 ? magnitude : -magnitude
        }
        #expect(!fit.isAccepted, "\(fit)")
    }

    @Test(
        "a scale off by 2 % is refused", arguments: [4.0, 1, 1.0 / 3, 20.0 / 3, 2000.0 / 7], [0.98, 1.02])
    func refusesWrongScale(scale: Double, factor: Double) {
        var generator = SplitMix64(seed: 0xBAD_0001)
        let wrong = ExactLaplace(scale: scale * factor)
        let fit = LaplaceFit(ExactLaplace(scale: scale), draws: 300_000) { wrong.sample(using: &generator) }
        #expect(!fit.isAccepted, "\(fit)")
    }

    /// With 10⁶ draws 1 % of the mass of 0 is less than 4 standard errors for scales above 4, so it is not asked there.
    @Test(
        "1 % more or less mass at 0 is refused",
        arguments: [(4.0, 4_000_000), (1, 1_000_000), (1.0 / 3, 1_000_000)], [0.99, 1.01])
    func refusesWrongZero(sampler: (scale: Double, draws: Int), factor: Double) {
        var generator = SplitMix64(seed: 0xBAD_0002)
        let exact = ExactLaplace(scale: sampler.scale)
        // Some of the zeros are drawn anew, or some of the others become 0.
        let mass = exact.mass(0)
        let redrawn = (1 - factor) / (1 - mass * factor)
        let zeroed = mass * (factor - 1) / (1 - mass)
        let fit = LaplaceFit(exact, draws: sampler.draws) {
            var value = exact.sample(using: &generator)
            while value == 0 && factor < 1 && generator.unit() < redrawn { value = exact.sample(using: &generator) }
            if value != 0 && factor > 1 && generator.unit() < zeroed { value = 0 }
            return value
        }
        #expect(!fit.isAccepted, "\(fit)")
    }

    @Test("a sign that is minus in 52 % of the draws is refused", arguments: [4.0, 1, 20.0 / 3, 2000.0 / 7])
    func refusesAsymmetry(scale: Double) {
        var generator = SplitMix64(seed: 0xBAD_0003)
        let exact = ExactLaplace(scale: scale)
        let fit = LaplaceFit(exact, draws: 200_000) {
            let magnitude = abs(exact.sample(using: &generator))
            return generator.unit() < 0.48 ? magnitude : -magnitude
        }
        #expect(!fit.isAccepted, "\(fit)")
    }

    @Test(
        "the reference is symmetric, sums to 1 and has the variance of the definition",
        arguments: [0.1, 1.0 / 3, 1, 4, 20.0 / 3, 2000.0 / 7])
    func referenceIsConsistent(scale: Double) {
        let exact = ExactLaplace(scale: scale)
        let reach = exact.reach(leaving: 1e-30)
        var sum = 0.0
        var magnitude = 0.0
        var variance = 0.0
        var tail = 0.0
        for value in (0...reach).reversed() {
            let mass = exact.mass(value)
            #expect(mass == exact.mass(-value))
            tail += mass
            #expect(abs(exact.tail(from: value) - tail) < 1e-14)
            #expect(abs(exact.tail(from: 1 - value) - (1 - tail)) < 1e-14)
            sum += value == 0 ? mass : 2 * mass
            magnitude += 2 * mass * Double(value)
            variance += 2 * mass * Double(value) * Double(value)
        }
        #expect(abs(sum - 1) < 1e-14)
        #expect(abs(magnitude - exact.meanMagnitude) <= 1e-12 * exact.meanMagnitude)
        #expect(abs(variance - exact.variance) <= 1e-12 * exact.variance)
        // With scale 2/ε: 2·e^(ε/2)/(e^(ε/2) - 1)².
        let growth = exp(1 / scale)
        #expect(abs(exact.variance - 2 * growth / (growth - 1) / (growth - 1)) <= 1e-10 * exact.variance)
    }

    @Test("the masses of a sum are those of the convolution") func sumsOfTwo() {
        let exact = ExactLaplace(scale: 1.5)
        let sums = exact.masses(ofSumOf: 2, reach: 80)
        for total in -20...20 {
            let direct = (-60...60).reduce(0.0) { $0 + exact.mass($1) * exact.mass(total - $1) }
            #expect(abs(sums[80 + total] - direct) < 1e-14)
        }
        #expect(abs(exact.masses(ofSumOf: 15, reach: 200).reduce(0, +) - 1) < 1e-12)
    }

    /// From tables and from 30 digits of another arithmetic.
    @Test(
        "p values of χ²",
        arguments: [
            (3.841458820694124, 1, 0.05), (18.307038053275146, 10, 0.05), (20, 10, 0.029252688076961073),
            (1100, 1000, 0.014614408126295194), (2700, 2957, 0.99970394410192017), (3300, 2957, 8.2693799633715753e-6),
        ])
    func chiSquareTails(statistic: Double, degrees: Int, tail: Double) {
        #expect(abs(chiSquareTail(statistic, degrees: degrees) - tail) < 1e-9 * tail)
    }
}

/// Five p values of draws against a discrete Laplace distribution. The one of all bins sees every kind of error a
/// little; the others see the likely ones well.
private struct LaplaceFit: CustomStringConvertible {
    let bins: Double
    let zero: Double
    let symmetry: Double
    let magnitude: Double
    let variance: Double

    init(_ exact: ExactLaplace, draws: Int, sample: () -> Int) {
        let reach = exact.reach(leaving: 1e-7)
        var histogram = Histogram(reach: reach)
        for _ in 0..<draws { histogram.add(sample()) }
        let count = Double(draws)
        bins = histogram.chiSquare(against: exact.masses(reach: reach))
        let mass = exact.mass(0)
        // Binomial numbers with a small expectation are not normal: there the other four have to do.
        let spread = count * mass * (1 - mass)
        zero = spread < 100 ? 1 : twoSided((Double(histogram.counts[reach]) - count * mass) / spread.squareRoot())
        symmetry = min(1, 2 * min(histogram.symmetry, twoSided(histogram.sum / (count * exact.variance).squareRoot())))
        let mean = exact.meanMagnitude
        let magnitudeSpread = count * (exact.variance - mean * mean)
        magnitude = twoSided((histogram.magnitudes - count * mean) / magnitudeSpread.squareRoot())
        let squareSpread = count * (exact.fourthCumulant + 2 * exact.variance * exact.variance)
        variance = twoSided((histogram.squares - count * exact.variance) / squareSpread.squareRoot())
    }

    var smallest: Double {
        min(bins, zero, symmetry, magnitude, variance)
    }

    var isAccepted: Bool {
        smallest >= 1e-5
    }

    var description: String {
        "p values: bins \(bins), zero \(zero), symmetry \(symmetry), magnitude \(magnitude), variance \(variance)"
    }
}
