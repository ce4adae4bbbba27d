import Domain
import Testing

@testable import Analytics

@Suite(.timeLimit(.minutes(30))) struct LevelPriorsTests {
    private func tallies(_ counts: [(Int32, Int32)]) -> [WindowTallies] {
        counts.map { successes, samples in
            var tallies = WindowTallies()
            tallies.all.samples = samples
            tallies.all.successes = successes
            return tallies
        }
    }

    @Test func looksAtItsOwnWindow() {
        #expect(prior(of: tallies([(20, 100), (80, 100)]), in: .days30) == .uninformed)
    }
}
