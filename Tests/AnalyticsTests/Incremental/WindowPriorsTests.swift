import Domain
import TestSupport
import Testing

@testable import Analytics

@Suite(.timeLimit(.minutes(30))) struct WindowPriorsTests {
    /// The tallies of subjects, most of them with enough cases in all windows.
    private func subjects(_ count: Int, _ random: inout TestRandom) -> [WindowTallies] {
        (0..<count).map { _ in
            func tally(_ least: Int32) -> Tally {
                var tally = Tally()
                tally.samples = least + .random(in: 0...40, using: &random)
                tally.successes = .random(in: 0...tally.samples, using: &random)
                return tally
            }
            var tallies = WindowTallies()
            tallies.days30 = tally(0)
            tallies.days90 = tally(tallies.days30.samples)
            tallies.all = tally(tallies.days90.samples)
            return tallies
        }
    }

    private func column(_ subjects: [WindowTallies]) -> TallyColumn {
        var column = TallyColumn()
        for tallies in subjects { column.append(tallies) }
        return column
    }

    @Test("the priors are those of the subjects that are left, in each window", arguments: 1...5)
    func changes(seed: Int) {
        var random = TestRandom(seed)
        let (kept, removed, added) = (subjects(20, &random), subjects(20, &random), subjects(20, &random))
        var priors = WindowPriors(of: column(kept + removed))
        for tallies in added { priors.add(tallies) }
        for tallies in removed.shuffled(using: &random) { priors.remove(tallies) }
        for window in Window.allCases {
            #expect(priors.priors[window] == prior(of: kept + added, in: window), "\(window)")
        }
    }

    @Test("nothing is known of a level without subjects")
    func empty() {
        var random = TestRandom(1)
        let subjects = subjects(5, &random)
        var priors = WindowPriors(of: column(subjects))
        for tallies in subjects { priors.remove(tallies) }
        #expect(Window.allCases.allSatisfy { priors.priors[$0] == .uninformed })
    }
}
