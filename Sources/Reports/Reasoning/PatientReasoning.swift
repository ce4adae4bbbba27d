public import Domain
public import Statistics

/// Why a recommendation has its place, in words for its patient: built from what patients see and from released figures alone.
public struct PatientReasoning {
    private let formatter: CellFormatter

    /// Reasoning in a language.
    public init(in language: Language) {
        formatter = CellFormatter(language)
    }

    /// The sentences for a prediction: the score, the experience with the herb, similar patients, and released figures.
    ///
    /// - Parameters:
    ///   - herb: the herb as it is displayed; `condition` likewise.
    ///   - released: what is released of the herb for the condition; `nil` where that is withheld.
    public func sentences(
        for prediction: PatientPrediction, of herb: String, for condition: String, released: ReleasedFigure?
    ) -> [String] {
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
        let figures = released.map { figure in
            catalogue.text(
                .patientReleased,
                [
                    "herb": herb, "condition": condition, "share": formatter.percent(figure.shownRate, places: 0),
                    "interval": formatter.interval(figure.shownInterval, .interval(of: .share)),
                ])
        }
        return [score, experience] + [similar, figures].compactMap(\.self)
    }
}
