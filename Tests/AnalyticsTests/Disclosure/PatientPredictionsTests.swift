import Domain
import Statistics
import TestSupport
import Testing

@testable import Analytics

@Suite(.timeLimit(.minutes(30))) struct PatientPredictionsTests {
    @Test("patients are counted once, whatever they gave", arguments: 1...10)
    func patientsAreCountedOnce(seed: Int) async throws {
        let asOf = day("2026-10-01")
        let records = TestClinic.random(seed, patients: 60, recommendations: 200, feedback: 300, until: asOf)
        let linked = LinkedClinic(try records.columns(asOf: asOf))
        let results = effectiveness(of: linked, successRating: .defaultSuccess)
        let scores = await scores(of: linked, tallies: results.tallies, successRating: .defaultSuccess).scores
        let seen = patientPredictions(of: linked, scores.predictions)

        let diagnoses = Dictionary(uniqueKeysWithValues: records.diagnoses.map { ($0.id, $0) })
        let recommendations = Dictionary(uniqueKeysWithValues: records.recommendations.map { ($0.id, $0) })
        var ofTreatments: [String: Set<PatientID>] = [:]
        var ofHerbs: [String: Set<PatientID>] = [:]
        for feedback in records.feedback
        where feedback.deletedAt == nil && ClinicTimeZone.utc.day(of: feedback.createdAt) <= asOf {
            let recommendation = try #require(recommendations[feedback.recommendation])
            let diagnosis = try #require(diagnoses[recommendation.diagnosis])
            ofTreatments["\(recommendation.herb)|\(diagnosis.condition)", default: []].insert(diagnosis.patient)
            ofHerbs[recommendation.herb, default: []].insert(diagnosis.patient)
        }
        #expect(seen.keys == scores.predictions.keys && seen.count > 20)
        #expect(ofHerbs.values.contains { $0.count >= 20 } && ofTreatments.values.contains { $0.count < 20 })
        for (id, prediction) in zip(scores.predictions.keys, scores.predictions.values) {
            let recommendation = try #require(recommendations[id])
            let condition = try #require(diagnoses[recommendation.diagnosis]).condition
            let expected = PatientPrediction(
                prediction,
                treatmentPatients: Int32(ofTreatments["\(recommendation.herb)|\(condition)"]?.count ?? 0),
                herbPatients: Int32(ofHerbs[recommendation.herb]?.count ?? 0))
            #expect(seen[id] == expected)
        }
    }
}
