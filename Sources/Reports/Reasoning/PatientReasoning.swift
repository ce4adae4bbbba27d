public import Domain

/// Why a recommendation has its place, in words for its patient: built from what patients see alone.
public struct PatientReasoning {
    private let formatter: CellFormatter

    /// Reasoning in a language.
    public init(in language: Language) {
        formatter = CellFormatter(language)
    }

    /// The sentences for a prediction: the score, the experience with the herb, and similar patients.
    ///
    /// - Parameters:
    ///   - herb: the herb as it is displayed; `condition` likewise.
    public func sentences(for prediction: PatientPrediction, of herb: String, for condition: String) -> [String] {
        let catalogue = formatter.catalogue
        let names: KeyValuePairs = ["herb": herb, "condition": condition]
        let score =
            if let score = prediction.score {
                catalogue.text(
                    .patientScore,
                    ["share": formatter.percent(score, places: 0), "herb": herb, "condition": condition])
            } else {
                catalogue.text(.patientNoScore, names)
            }
        let experience = catalogue.text(
            prediction.basis == .treatment ? .patientTreatmentExperience : .patientHerbExperience,
            [
                "herb": herb, "condition": condition,
                "experience": catalogue.word(prediction.experience.rawValue, of: .experience),
            ])
        let similar = prediction.similar.map { share in
            let phrase: Phrase =
                switch share {
                case .most: .patientSimilarMost
                case .aboutHalf: .patientSimilarHalf
                case .few: .patientSimilarFew
                }
            return catalogue.text(phrase, names)
        }
        return [score, experience] + (similar.map { [$0] } ?? [])
    }
}
