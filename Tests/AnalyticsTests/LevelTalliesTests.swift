import Domain
import Testing
import TestSupport

@testable import Analytics

@Suite(.timeLimit(.minutes(30))) struct LevelTalliesTests {
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
            (tallies[level]?.values ?? TallyColumn()).reduce(into: WindowTallies()) { $0 += $1 }
        }
        #expect(Set(totals).count == 1)
        #expect(totals[0].all.samples == Int32(clinic.cases.count))
        for level in Level.allCases {
            #expect(tallies[level]?.values.allSatisfy { $0.all.samples > 0 } == true)
        }
    }

    /// With so many records that every core computes those of several parts.
    @Test(arguments: 1...3) func eachRecordHasTheTalliesOfItsCases(seed: Int) throws {
        var random = TestRandom(seed)
        let clinic = manyRecords(&random)
        var recommendations: [RecommendationID: WindowTallies] = [:]
        var diagnoses: [DiagnosisID: WindowTallies] = [:]
        for position in 0..<clinic.cases.count {
            let recommendation = Int(clinic.cases.recommendation[position])
            let diagnosis = Int(clinic.recommendations.diagnosis[recommendation])
            let tallies = WindowTallies(
                clinic.cases.tally(at: position, success: UInt8(success.value)), on: clinic.cases.day[position],
                asOf: last)
            recommendations[clinic.recommendations.ids[recommendation], default: WindowTallies()] += tallies
            diagnoses[clinic.diagnoses.ids[diagnosis], default: WindowTallies()] += tallies
        }
        let computed = effectiveness(of: LinkedClinic(clinic), successRating: success).tallies
        let ofRecommendations = recommendations.sorted { $0.key < $1.key }
        #expect(computed[.recommendation]?.keys == ofRecommendations.map { .recommendation($0.key) })
        #expect(computed[.recommendation].map { Array($0.values) } == ofRecommendations.map(\.value))
        let ofDiagnoses = diagnoses.sorted { $0.key < $1.key }
        #expect(computed[.diagnosis]?.keys == ofDiagnoses.map { .diagnosis($0.key) })
        #expect(computed[.diagnosis].map { Array($0.values) } == ofDiagnoses.map(\.value))
        #expect(
            trends(of: computed[.diagnosis] ?? Keyed()).keys
                == ofDiagnoses.filter { $0.value.days90.samples > 0 }
                .map { .diagnosis($0.key) })
    }

    /// A clinic of one patient, herb and condition, with thousands of diagnoses and recommendations; many have no case.
    private func manyRecords(_ random: inout TestRandom) -> Clinic {
        var clinic = Clinic(asOf: last)
        clinic.patients.ids = [PatientID(rawValue: 1)]
        clinic.patients.mizaj = [.motadel]
        clinic.patients.sex = [nil]
        clinic.patients.birthYear = [PatientColumns.unknownYear]
        (clinic.herbs.terms, clinic.herbs.names) = ([TermID(rawValue: 1)], ["h"])
        (clinic.conditions.terms, clinic.conditions.names) = ([TermID(rawValue: 2)], ["c"])
        clinic.symptomSets.append([])
        for number in 0..<4000 {
            clinic.diagnoses.ids.append(DiagnosisID(rawValue: Int64(number + 1)))
            clinic.diagnoses.patient.append(0)
            clinic.diagnoses.condition.append(0)
            clinic.diagnoses.symptoms.append(0)
            clinic.diagnoses.createdOn.append(last - 400)
        }
        for number in 0..<6000 {
            clinic.recommendations.ids.append(RecommendationID(rawValue: Int64(number + 1)))
            clinic.recommendations.diagnosis.append(Int32.random(in: 0..<4000, using: &random))
            clinic.recommendations.herb.append(0)
            clinic.recommendations.createdOn.append(last - 400)
        }
        for number in 0..<8000 {
            let day = last - Int.random(in: 0...300, using: &random)
            clinic.cases.ids.append(FeedbackID(rawValue: Int64(number + 1)))
            clinic.cases.recommendation.append(Int32.random(in: 0..<6000, using: &random))
            clinic.cases.rating.append(UInt8.random(in: 1...5, using: &random))
            clinic.cases.improvement.append(UInt8.random(in: 0...5, using: &random))
            clinic.cases.compliance.append(Int32.random(in: -1...1_000_000_000, using: &random))
            clinic.cases.createdAt.append(Instant(seconds: Int64(day.daysSinceEpoch) * 86_400))
            clinic.cases.day.append(day)
        }
        return clinic
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
