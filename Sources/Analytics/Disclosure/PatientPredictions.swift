public import Domain
import Statistics

/// What patients see of the predictions of a run.
///
/// See "What a patient sees of predictions" in docs/definitions.md. Reads all recommendations with a case once.
public func patientPredictions(
    of linked: LinkedClinic, _ predictions: Keyed<RecommendationID, Prediction>
) -> Keyed<RecommendationID, PatientPrediction> {
    let clinic = linked.clinic
    let patients = PatientCounts(of: linked)
    var recommendations = AscendingSearch(in: clinic.recommendations.ids)
    var values: [PatientPrediction] = []
    values.reserveCapacity(predictions.count)
    for (recommendation, prediction) in zip(predictions.keys, predictions.values) {
        let position = recommendations.position(of: recommendation)
        values.append(
            PatientPrediction(
                prediction,
                treatmentPatients: position.map { patients.ofTreatments[clinic.treatment(of: $0), default: 0] } ?? 0,
                herbPatients: position.map { patients.ofHerbs[Int(clinic.recommendations.herb[$0])] } ?? 0))
    }
    return Keyed(keys: predictions.keys, values: values)
}

/// Distinct patients with a case, over all days.
private struct PatientCounts {
    let ofTreatments: [Subject: Int32]
    /// By position of the herb.
    let ofHerbs: [Int32]

    init(of linked: LinkedClinic) {
        // A patient has one mizaj, so that cohorts of one treatment share no patient.
        ofTreatments = distinctPatients(of: linked).reduce(into: [:]) { counts, cohort in
            counts[.treatment(herb: cohort.key.herb, condition: cohort.key.condition), default: 0] += cohort.value
        }
        let clinic = linked.clinic
        let herbs = clinic.herbs.terms.count
        let chunks = concurrentChunks(linked.groups.count, minimumSize: 1) { groups in
            var counts = [Int32](repeating: 0, count: herbs)
            // The last group in which each patient was counted.
            var counted = [Int](repeating: -1, count: clinic.patients.ids.count)
            for group in groups {
                for recommendation in linked.groups[group] {
                    let diagnosis = clinic.recommendations.diagnosis[Int(recommendation)]
                    let patient = Int(clinic.diagnoses.patient[Int(diagnosis)])
                    if counted[patient] != group {
                        counted[patient] = group
                        counts[group % herbs] += 1
                    }
                }
            }
            return counts
        }
        ofHerbs = chunks.reduce(into: [Int32](repeating: 0, count: herbs)) { sums, counts in
            for herb in sums.indices { sums[herb] += counts[herb] }
        }
    }
}
