import Domain
import Testing
import TestSupport

@testable import Analytics

struct EffectivenessTests {
    private let last = day("2026-10-20")
    private let success = Rating.defaultSuccess

    @Test func windowsEndWithTheAsOfDay() throws {
        var clinic = TestClinic()
        let recommendation = clinic.recommendation("a", for: "c", to: clinic.patient(), on: last - 300)
        for (days, stars) in [(-1, 5), (0, 5), (29, 4), (30, 3), (89, 4), (90, 1), (299, 5)] {
            clinic.rate(recommendation, stars, on: last - days)
        }
        clinic.rate(recommendation, 5, on: last, deleted: true)
        let tallies = try #require(
            effectiveness(of: LinkedClinic(try clinic.columns(asOf: last)), successRating: success)
                .tallies[.overall]?[.all])
        #expect(tallies.days30.samples == 2)
        #expect(tallies.days90.samples == 4)
        #expect(tallies.all.samples == 6)
        #expect(tallies.days30.successes == 2)
        #expect(tallies.days90.successes == 3)
        #expect(tallies.all.ratingSum == 22)
    }

    @Test(arguments: 1...5)
    func everyLevelIsTheSumOfItsParts(seed: Int) throws {
        let clinic = try TestClinic.random(seed, patients: 20, recommendations: 60, feedback: 300, until: last)
            .columns(asOf: last)
        let tallies = effectiveness(of: LinkedClinic(clinic), successRating: success).tallies
        let totals = Level.allCases.map { level in
            (tallies[level]?.values ?? []).reduce(into: WindowTallies()) { $0 += $1 }
        }
        #expect(Set(totals).count == 1)
        #expect(totals[0].all.samples == Int32(clinic.cases.count))
        for level in Level.allCases {
            #expect(tallies[level]?.values.allSatisfy { $0.all.samples > 0 } == true)
        }
    }

    @Test func spellingsOfOneNameAreOneSubject() throws {
        var clinic = TestClinic()
        let patient = clinic.patient()
        for name in ["گل گاوزبان", "گل‌گاوزبان", " گل  گاوزبان"] {
            clinic.rate(clinic.recommendation(name, for: "c", to: patient, on: last), 5, on: last)
        }
        let columns = try clinic.columns(asOf: last)
        let herbs = try #require(effectiveness(of: LinkedClinic(columns), successRating: success).tallies[.herb])
        #expect(herbs.count == 1)
        #expect(herbs.values.first?.all.samples == 3)
        #expect(columns.herbs.names == ["گل گاوزبان"])
    }

    @Test func nothingWithoutCases() throws {
        var clinic = TestClinic()
        clinic.recommendation("a", for: "c", to: clinic.patient(), on: last)
        let result = effectiveness(of: LinkedClinic(try clinic.columns(asOf: last)), successRating: success)
        #expect(result.tallies.values.allSatisfy { $0.count == 0 })
        #expect(result.priors[.herb]?[.all] == .uninformed)
    }
}
