import Domain
import Testing
import TestSupport

@testable import Analytics

struct TrendsTests {
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

    @Test func qValuesOfBenjaminiAndHochberg() {
        let q = qValues(of: [0.01, nil, 0.04, 0.03, 0.005, nil])
        let expected: [Double?] = [0.02, nil, 0.04, 0.04, 0.02, nil]
        for (computed, expected) in zip(q, expected) {
            #expect((computed == nil) == (expected == nil))
            if let computed, let expected { #expect(abs(computed - expected) < 1e-12) }
        }
        #expect(qValues(of: [nil, nil]) == [nil, nil])
        #expect(qValues(of: []).isEmpty)
    }

    @Test(arguments: 0..<20)
    func qValuesKeepTheOrderAndNeverFallBelowP(seed: Int) {
        var random = TestRandom(seed + 1)
        let p = (0..<50).map { _ in Double(Int.random(in: 0...20, using: &random)) / 20 }
        let q = qValues(of: p.map { $0 }).map { $0 ?? -1 }
        for left in p.indices {
            #expect(q[left] >= p[left] - 1e-12 && q[left] <= 1)
            for right in p.indices where p[left] <= p[right] { #expect(q[left] <= q[right]) }
        }
    }

    @Test func aRowForEachSubjectWithACaseInNinetyDays() throws {
        var clinic = TestClinic()
        let patient = clinic.patient()
        let last = day("2026-10-20")
        let old = clinic.recommendation("a", for: "c", to: patient, on: last - 200)
        let edge = clinic.recommendation("b", for: "c", to: patient, on: last - 200)
        clinic.rate(old, 5, on: last - 90)
        clinic.rate(edge, 5, on: last - 89)
        let rating = Rating.defaultSuccess
        let tallies = effectiveness(of: LinkedClinic(try clinic.columns(asOf: last)), successRating: rating).tallies
        let level = try #require(tallies[.recommendation])
        #expect(trends(of: level).keys == [.recommendation(edge)])
    }
}
