import Domain
import TestSupport
import Testing

@testable import Analytics

@Suite(.timeLimit(.minutes(30))) struct TallyCubeTests {
    private struct Item {
        var cohort: Subject
        var tallies: WindowTallies
    }

    private func items(_ count: Int, _ random: inout TestRandom) -> [Item] {
        (0..<count).map { _ in
            var tallies = WindowTallies()
            tallies.all.samples = 1
            tallies.all.successes = Int32.random(in: 0...1, using: &random)
            if Bool.random(using: &random) { tallies.days90 = tallies.all }
            return Item(
                cohort: .cohort(
                    Mizaj.allCases[Int.random(in: 0..<3, using: &random)],
                    herb: TermID(rawValue: .random(in: 1...4, using: &random)),
                    condition: TermID(rawValue: .random(in: 1...4, using: &random))),
                tallies: tallies)
        }
    }

    private func cube(_ items: [Item]) -> TallyCube {
        var cohorts = TallyTable()
        for item in items { cohorts.add(item.tallies, to: item.cohort) }
        return TallyCube(cohorts: cohorts)
    }

    @Test("cases that are added and removed in any order leave the tallies of a full run", arguments: 1...5)
    func changes(seed: Int) {
        var random = TestRandom(seed)
        let (kept, removed, added) = (items(60, &random), items(60, &random), items(60, &random))
        var changed = cube(kept + removed)
        for item in added { changed.add(item.tallies, to: item.cohort) }
        for item in removed { changed.remove(item.tallies, from: item.cohort) }
        let expected = cube(kept + added)
        for level in TallyCube.levels { #expect(changed[level].keyed == expected[level].keyed) }
        #expect(Set(TallyCube.levels) == [.herb, .condition, .treatment, .cohort, .overall])
    }

    @Test("a subject whose cases were all removed has no tallies and is no evidence")
    func empty() {
        var random = TestRandom(1)
        let item = items(1, &random)[0]
        var cube = cube([item])
        cube.remove(item.tallies, from: item.cohort)
        #expect(cube[.overall][.all] == nil && cube[.cohort].keyed.count == 0)
        let treatment = Subject.treatment(herb: item.cohort.herb, condition: item.cohort.condition)
        #expect(cube.evidence(of: treatment).basis == .none)
    }
}
