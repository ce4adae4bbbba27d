public import Domain

/// What patients see of the predictions of a run.
///
/// See What a patient sees of predictions in the definitions. Reads all recommendations with a case once.
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

extension PatientPrediction {
    /// The fewest similar patients whose share is shown.
    private static let minimumSimilarPatients: Int32 = 11

    /// What patients see of a prediction.
    ///
    /// - Parameters:
    ///   - treatmentPatients: patients with a case of the herb for the condition, over all days.
    ///   - herbPatients: patients with a case of the herb, over all days.
    public init(_ prediction: Prediction, treatmentPatients: Int32, herbPatients: Int32) {
        // The patients for whom a score is shown are those of more than little experience.
        let ofTreatment = Experience(patients: treatmentPatients)
        let basis: ExperienceBasis = ofTreatment == .little ? .herb : .treatment
        let experience = basis == .treatment ? ofTreatment : Experience(patients: herbPatients)
        self.init(
            rank: prediction.rank, tenths: experience == .little ? nil : Self.tenths(prediction.score),
            experience: experience, basis: basis,
            similar: prediction.similarPatients < Self.minimumSimilarPatients
                ? nil
                : SimilarShare(successes: prediction.similarSuccesses, patients: prediction.similarPatients))
    }

    /// A score of 0…1 in tenths; halves are rounded up, after rounding to 9 decimals.
    private static func tenths(_ score: Double) -> Int8 {
        Int8(((score * 1e9).rounded() / 1e8).rounded())
    }
}

extension Experience {
    /// What so many patients make.
    public init(patients: Int32) {
        self =
            switch patients {
            case ..<20: .little
            case ..<50: .some
            case ..<200: .good
            default: .large
            }
    }
}

extension SimilarShare {
    /// The share of successes among at least one patient.
    public init(successes: Int32, patients: Int32) {
        self =
            if 100 * successes >= 65 * patients {
                .most
            } else if 100 * successes <= 35 * patients {
                .few
            } else {
                .aboutHalf
            }
    }
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
        let parts = inParts(linked.groups.count, ofAtLeast: 1) { groups in
            var counts = [Int32](repeating: 0, count: herbs)
            // The group that each patient was counted in last.
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
        ofHerbs = parts.reduce(into: [Int32](repeating: 0, count: herbs)) { sums, counts in
            for herb in sums.indices { sums[herb] += counts[herb] }
        }
    }
}
