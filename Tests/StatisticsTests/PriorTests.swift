import Domain
import Statistics
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30))) struct PriorTests {
    private func tally(_ successes: Int32, of samples: Int32) -> Tally {
        var tally = Tally()
        tally.samples = samples
        tally.successes = successes
        return tally
    }

    private func prior(of counts: [(successes: Int32, samples: Int32)]) -> Prior {
        var estimator = PriorEstimator()
        for count in counts { estimator.add(tally(count.successes, of: count.samples)) }
        return estimator.prior
    }

    @Test(
        arguments: [
            [], [(3, 5)], [(3, 5), (4, 4)], [(5, 5), (7, 7)], [(0, 5), (0, 9)],
        ] as [[(Int32, Int32)]])
    func isUninformedWhereTheLevelSaysNothing(counts: [(Int32, Int32)]) {
        #expect(prior(of: counts) == .uninformed)
    }

    @Test func followsFromMeanAndVariance() {
        // Rates 0.2 and 0.8 of 100 each: m 0.5, v 0.09, w 0.0025, k = 0.25 / 0.0875 - 1.
        let prior = prior(of: [(20, 100), (80, 100)])
        let strength = 0.25 / 0.0875 - 1
        #expect(abs(prior.a - 0.5 * strength) < 1e-12)
        #expect(abs(prior.b - 0.5 * strength) < 1e-12)
    }

    @Test func isStrongestWhereSubjectsDifferByChanceOnly() {
        let prior = prior(of: [(50, 100), (50, 100), (50, 100)])
        #expect(prior.a + prior.b == 1000)
    }

    @Test("subjects that are added and removed in any order give the same prior", arguments: 1...5)
    func removal(seed: Int) {
        var random = TestRandom(seed)
        func counts(_ count: Int) -> [Tally] {
            (0..<count).map { _ in
                let samples = Int32.random(in: 1...30, using: &random)
                return tally(Int32.random(in: 0...samples, using: &random), of: samples)
            }
        }
        let (kept, others) = (counts(40), counts(40))
        var (all, changed) = (PriorEstimator(), PriorEstimator())
        for tally in kept { all.add(tally) }
        for tally in (others + kept).shuffled(using: &random) { changed.add(tally) }
        for tally in others { changed.remove(tally) }
        #expect(changed.prior == all.prior && all.prior != .uninformed)
    }
}
