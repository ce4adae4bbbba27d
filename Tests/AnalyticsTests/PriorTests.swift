import Domain
import Testing

@testable import Analytics

struct PriorTests {
    private func tallies(_ counts: [(Int32, Int32)]) -> [WindowTallies] {
        counts.map { successes, samples in
            var tallies = WindowTallies()
            tallies.all.samples = samples
            tallies.all.successes = successes
            return tallies
        }
    }

    @Test(
        arguments: [
            [], [(3, 5)], [(3, 5), (4, 4)], [(5, 5), (7, 7)], [(0, 5), (0, 9)],
        ] as [[(Int32, Int32)]])
    func isUninformedWhereTheLevelSaysNothing(counts: [(Int32, Int32)]) {
        #expect(prior(of: tallies(counts), in: .all) == .uninformed)
    }

    @Test func followsFromMeanAndVariance() {
        // Rates 0.2 and 0.8 of 100 each: m 0.5, v 0.09, w 0.0025, k = 0.25 / 0.0875 - 1.
        let prior = prior(of: tallies([(20, 100), (80, 100)]), in: .all)
        let strength = 0.25 / 0.0875 - 1
        #expect(abs(prior.a - 0.5 * strength) < 1e-12)
        #expect(abs(prior.b - 0.5 * strength) < 1e-12)
    }

    @Test func isStrongestWhereSubjectsDifferByChanceOnly() {
        let prior = prior(of: tallies([(50, 100), (50, 100), (50, 100)]), in: .all)
        #expect(prior.a + prior.b == 1000)
    }

    @Test func looksAtItsOwnWindow() {
        #expect(prior(of: tallies([(20, 100), (80, 100)]), in: .days30) == .uninformed)
    }
}
