import Domain
import Testing
import TestSupport

@testable import Analytics

@Suite(.timeLimit(.minutes(30))) struct CohortCountsTests {
    @Test(arguments: 1...5)
    func countDistinctPatients(seed: Int) throws {
        let last = day("2026-10-20")
        let clinic = try TestClinic.random(seed, patients: 12, recommendations: 80, feedback: 300, until: last)
            .columns(asOf: last)
        let success = Rating.defaultSuccess
        let tallies = try #require(effectiveness(of: LinkedClinic(clinic), successRating: success).tallies[.cohort])

        var patients: [Subject: Set<Int32>] = [:]
        for recommendation in clinic.cases.recommendation {
            let diagnosis = Int(clinic.recommendations.diagnosis[Int(recommendation)])
            let patient = clinic.diagnoses.patient[diagnosis]
            let cohort = Subject.cohort(
                clinic.patients.mizaj[Int(patient)],
                herb: clinic.herbs.terms[Int(clinic.recommendations.herb[Int(recommendation)])],
                condition: clinic.conditions.terms[Int(clinic.diagnoses.condition[diagnosis])])
            patients[cohort, default: []].insert(patient)
        }
        let computed = cohorts(of: LinkedClinic(clinic), tallies: tallies)
        #expect(computed.keys == patients.keys.sorted())
        for (subject, cohort) in zip(computed.keys, computed.values) {
            #expect(Int(cohort.patients) == patients[subject]?.count)
            #expect(cohort.samples == tallies[subject]?.all.samples)
            #expect(cohort.successes == tallies[subject]?.all.successes)
        }
    }
}
