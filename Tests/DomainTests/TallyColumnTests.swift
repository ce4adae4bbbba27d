import Domain
import TestSupport
import Testing

/// A column of tallies holds what was put in, whichever windows have a case.
@Suite(.timeLimit(.minutes(30))) struct TallyColumnTests {
    @Test(arguments: 1...5) func holdsWhatWasPutIn(seed: Int) {
        var random = TestRandom(seed)
        func tally() -> Tally {
            var tally = Tally()
            tally.samples = .random(in: 0...2, using: &random)
            tally.complianceSum = .random(in: 0...1, using: &random)
            return tally
        }
        func tallies(_ count: Int) -> [WindowTallies] {
            (0..<count).map { _ in
                var tallies = WindowTallies()
                tallies.all = tally()
                if Bool.random(using: &random) { tallies.days90 = tally() }
                if Bool.random(using: &random) { tallies.days30 = tally() }
                return tallies
            }
        }
        let parts = (0..<4).map { _ in tallies(Int.random(in: 0...50, using: &random)) }
        let whole = Array(parts.joined())
        let ids = whole.indices.map { Int64($0) }
        let keyed = Keyed<Int64, WindowTallies>(keys: ids, values: whole)
        #expect(Array(keyed.values) == whole)
        var start = 0
        let joined = Keyed<Int64, WindowTallies>(
            joining: parts.map { part in
                defer { start += part.count }
                return Keyed(keys: Array(ids[start..<start + part.count]), values: part)
            })
        #expect(joined == keyed && Array(joined.values) == whole)
        for position in whole.indices {
            var others = whole
            others[position].days30.ratingSum += 1
            #expect(joined != Keyed(keys: ids, values: others))
        }
    }
}
