import Domain
import Testing
import TestSupport

@testable import Analytics

/// The tree search finds exactly whom comparing with everyone finds.
@Suite(.timeLimit(.minutes(30))) struct SimilarPatientsTests {
    private let last = day("2026-10-20")
    private let success = Rating.defaultSuccess

    @Test(
        "agrees with comparing everyone",
        arguments: [
            (seed: 1, patients: 30, symptoms: 8), (2, 200, 8), (3, 400, 3), (4, 300, 200), (5, 300, 1), (6, 5, 8),
            (7, 600, 20),
        ])
    func agreesWithComparingEveryone(seed: Int, patients: Int, symptoms: Int) async throws {
        let clinic = try TestClinic.random(
            seed, patients: patients, recommendations: patients * 3, feedback: patients * 6, symptoms: symptoms,
            until: last
        ).columns(asOf: last)
        let all = clinic.recommendations.ids.indices.map { Int32($0) }
        let found = await SimilarPatients(in: LinkedClinic(clinic), successRating: success).outcomes(for: all).outcomes
        for recommendation in all {
            #expect(
                found[Int(recommendation)] == comparingEveryone(clinic, Int(recommendation)),
                "recommendation \(clinic.recommendations.ids[Int(recommendation)])")
        }
    }

    @Test func looksAtFewInALargeGroup() async throws {
        var clinic = TestClinic()
        var random = TestRandom(11)
        for number in 0..<4000 {
            let patient = clinic.patient(
                .garmTar, sex: number.isMultiple(of: 2) ? .female : .male, born: 1940 + number % 60)
            let chosen = (0..<3).map { _ in "s\(Int.random(in: 0..<12, using: &random))" }
            let recommendation = clinic.recommendation(
                "a", for: "c\(number % 5)", symptoms: chosen, to: patient, on: last - number % 80)
            clinic.rate(recommendation, 1 + number % 5, on: last - number % 60)
        }
        let columns = try clinic.columns(asOf: last)
        let all = columns.recommendations.ids.indices.map { Int32($0) }
        let comparisons = await SimilarPatients(in: LinkedClinic(columns), successRating: success).outcomes(for: all)
            .comparisons
        #expect(comparisons.avoidable == 4000 * 4000)
        #expect(comparisons.made * 5 < comparisons.avoidable, "\(comparisons.made) comparisons")
    }

    /// The definition, word by word.
    private func comparingEveryone(_ clinic: Clinic, _ recommendation: Int) -> SimilarPatients.Outcome {
        let diagnoses = clinic.diagnoses
        let patients = clinic.patients
        let diagnosis = Int(clinic.recommendations.diagnosis[recommendation])
        let patient = diagnoses.patient[diagnosis]
        let herb = clinic.recommendations.herb[recommendation]

        var newest: [Int32: Int] = [:]  // case by patient
        for position in 0..<clinic.cases.count {
            let other = Int(clinic.cases.recommendation[position])
            let owner = diagnoses.patient[Int(clinic.recommendations.diagnosis[other])]
            guard clinic.recommendations.herb[other] == herb, owner != patient,
                patients.mizaj[Int(owner)] == patients.mizaj[Int(patient)]
            else { continue }
            if let known = newest[owner], clinic.cases.createdAt[position] < clinic.cases.createdAt[known] { continue }
            newest[owner] = position  // of equal instants, the greater feedback id
        }
        let ranked = newest.map { owner, position in
            let other = Int(clinic.recommendations.diagnosis[Int(clinic.cases.recommendation[position])])
            return (
                distance: (distance(clinic, diagnosis, other) * 1e9).rounded(),
                age: -clinic.cases.createdAt[position].microseconds, owner: owner, position: position
            )
        }.sorted { ($0.distance, $0.age, $0.owner) < ($1.distance, $1.age, $1.owner) }.prefix(20)
        let successes = ranked.count { Int(clinic.cases.rating[$0.position]) >= success.value }
        return SimilarPatients.Outcome(patients: Int32(ranked.count), successes: Int32(successes))
    }

    private func distance(_ clinic: Clinic, _ left: Int, _ right: Int) -> Double {
        let diagnoses = clinic.diagnoses
        let (first, second) = (Int(diagnoses.patient[left]), Int(diagnoses.patient[right]))
        let condition = diagnoses.condition[left] == diagnoses.condition[right] ? 0.0 : 1
        let (born, otherBorn) = (clinic.patients.birthYear[first], clinic.patients.birthYear[second])
        let isUnknown = born == PatientColumns.unknownYear || otherBorn == PatientColumns.unknownYear
        let age = isUnknown ? 0.5 : min(Double(abs(Int(born) - Int(otherBorn))) / 40, 1)
        let (sex, otherSex) = (clinic.patients.sex[first], clinic.patients.sex[second])
        let sexTerm = sex != nil && sex == otherSex ? 0 : 0.5
        let symptoms = Set(clinic.symptomSets[Int(diagnoses.symptoms[left])])
        let others = Set(clinic.symptomSets[Int(diagnoses.symptoms[right])])
        let jaccard =
            symptoms.isEmpty || others.isEmpty
            ? 0 : Double(symptoms.intersection(others).count) / Double(symptoms.union(others).count)
        return condition + age + sexTerm + (1 - jaccard)
    }
}
