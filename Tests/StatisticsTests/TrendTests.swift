import Domain
import Statistics
import Testing

@Suite(.timeLimit(.minutes(30))) struct TrendTests {
    private func trend(recent: (Int32, Int32), baseline: (Int32, Int32)) -> Trend {
        var tallies = WindowTallies()
        tallies.days30.successes = recent.0
        tallies.days30.samples = recent.1
        tallies.days90.successes = recent.0 + baseline.0
        tallies.days90.samples = recent.1 + baseline.1
        return Trend(tallies)
    }

    @Test(
        arguments: [
            ((4, 4), (5, 9), Direction.insufficient), ((5, 5), (2, 4), .insufficient), ((5, 5), (3, 5), .improving),
            ((12, 20), (11, 20), .improving),  // 0.60 - 0.55 is 0.05 only after rounding
            ((11, 20), (12, 20), .declining), ((51, 100), (47, 100), .stable), ((5, 10), (5, 10), .stable),
        ])
    func direction(recent: (Int32, Int32), baseline: (Int32, Int32), expected: Direction) {
        let trend = trend(recent: recent, baseline: baseline)
        #expect(trend.direction == expected)
        #expect((trend.pValue == nil) == (expected == .insufficient))
    }

    @Test func pValueOfATwoProportionTest() throws {
        // 30 of 50 against 20 of 50: z = 2, p = 0.0455.
        let p = try #require(trend(recent: (30, 50), baseline: (20, 50)).pValue)
        #expect(abs(p - 0.045500263896) < 1e-9)
        #expect(trend(recent: (5, 5), baseline: (9, 9)).pValue == 1)
        #expect(trend(recent: (0, 5), baseline: (0, 9)).pValue == 1)
    }

    @Test func ratesAreEmptyWithoutCases() {
        let trend = trend(recent: (0, 0), baseline: (1, 2))
        #expect(trend.recentRate == nil)
        #expect(trend.delta == nil)
        #expect(trend.baselineRate == 0.5)
    }
}
