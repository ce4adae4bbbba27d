import Domain
import Statistics
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30))) struct CellNoiseTests {
    private func epsilon(_ thousandths: Int) throws -> PrivacyLoss {
        try #require(PrivacyLoss(thousandths: thousandths))
    }

    @Test(
        "the threshold of entry is 1 + ⌈ln(10⁶) / (ε/2)⌉", arguments: [(500, 57), (1000, 29), (10_000, 4), (100, 278)])
    func threshold(thousandths: Int, expected: Int) throws {
        #expect(try epsilon(thousandths).entryThreshold == expected)
    }

    @Test("the variance of the noise is that of the discrete Laplace distribution", arguments: [50, 500, 2000, 10_000])
    func variance(thousandths: Int) throws {
        let noise = DiscreteLaplace(scaleNumerator: 2000, scaleDenominator: thousandths)
        var random = TestRandom(7)
        let samples = (0..<40_000).map { _ in Double(noise.sample(using: &random)) }
        let mean = samples.reduce(0, +) / Double(samples.count)
        let variance = samples.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(samples.count)
        let expected = try epsilon(thousandths).noiseVariance
        #expect(abs(mean) < 4 * (expected / 40_000).squareRoot())
        #expect(abs(variance / expected - 1) < 0.1)
    }
}
