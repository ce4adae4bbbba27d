// Section "What a patient sees of predictions" of docs/definitions.md.

public import Domain

extension PatientPrediction {
    /// Similar patients from which their share is shown.
    private static let minimumSimilarPatients: Int32 = 11

    /// What patients see of a prediction.
    ///
    /// - Parameters:
    ///   - treatmentPatients: patients with a case of the herb for the condition, over all days.
    ///   - herbPatients: patients with a case of the herb, over all days.
    public init(_ prediction: Prediction, treatmentPatients: Int32, herbPatients: Int32) {
        // A score is shown where the experience is more than little.
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
    /// Patients from which the experience is more than little.
    private static let somePatients: Int32 = 20
    /// Patients from which it is good.
    private static let goodPatients: Int32 = 50
    /// Patients from which it is large.
    private static let largePatients: Int32 = 200

    /// The experience with a number of patients.
    public init(patients: Int32) {
        self =
            switch patients {
            case ..<Self.somePatients: .little
            case ..<Self.goodPatients: .some
            case ..<Self.largePatients: .good
            default: .large
            }
    }
}

extension SimilarShare {
    /// The percentage from which most succeeded.
    private static let mostPercent: Int32 = 65
    /// The percentage up to which few succeeded.
    private static let fewPercent: Int32 = 35

    /// The share of successes among at least one patient.
    public init(successes: Int32, patients: Int32) {
        self =
            if 100 * successes >= Self.mostPercent * patients {
                .most
            } else if 100 * successes <= Self.fewPercent * patients {
                .few
            } else {
                .aboutHalf
            }
    }
}
