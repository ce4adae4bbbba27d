public import Domain
import Statistics

/// Why a recommendation has its score, in words of one language: what each component says, on how many cases, and how sure
/// that is.
public struct Reasoning {
    /// The confidence below which a score is called unsure.
    private static let unsure = 0.4

    private let formatter: CellFormatter

    /// Reasoning in a language.
    public init(in language: Language) {
        formatter = CellFormatter(language)
    }

    /// The sentences for a prediction: history, similar patients, symptoms, and how sure all that is.
    ///
    /// - Parameters:
    ///   - herb: the herb as it is displayed; `condition` likewise.
    ///   - mizaj: the temperament of the patient.
    public func sentences(
        for prediction: Prediction, of herb: String, for condition: String, mizaj: Mizaj
    ) -> [String] {
        let temperament = formatter.catalogue.word(mizaj.rawValue, of: .mizaj)
        return [
            history(prediction, herb, condition), similar(prediction, herb, temperament),
            formatter.catalogue.text(
                .reasonSymptom, ["share": share(Ensemble.symptom), "weight": share(Ensemble.symptomWeight)]),
            confidence(prediction),
        ]
    }

    private func history(_ prediction: Prediction, _ herb: String, _ condition: String) -> String {
        let phrase: Phrase =
            switch prediction.basis {
            case .treatment90: .reasonTreatment90
            case .treatmentAll: .reasonTreatmentAll
            case .herb90: .reasonHerb90
            case .herbAll: .reasonHerbAll
            case .overallAll: .reasonOverall
            case .none: .reasonNone
            }
        return formatter.catalogue.text(
            phrase,
            [
                "herb": herb, "condition": condition, "successes": formatter.count(Int(prediction.historicalSuccesses)),
                "samples": formatter.count(Int(prediction.historicalSamples)), "share": share(prediction.historical),
                "interval": interval(prediction.historicalSuccesses, of: prediction.historicalSamples),
                "weight": share(Ensemble.historicalWeight),
            ], counts: ["samples": Int(prediction.historicalSamples)])
    }

    private func similar(_ prediction: Prediction, _ herb: String, _ mizaj: String) -> String {
        formatter.catalogue.text(
            prediction.similarPatients == 0 ? .reasonNoSimilar : .reasonSimilar,
            [
                "herb": herb, "mizaj": mizaj, "patients": formatter.count(Int(prediction.similarPatients)),
                "successes": formatter.count(Int(prediction.similarSuccesses)), "share": share(prediction.similar),
                "interval": interval(prediction.similarSuccesses, of: prediction.similarPatients),
                "weight": share(Ensemble.similarWeight),
            ], counts: ["patients": Int(prediction.similarPatients)])
    }

    private func confidence(_ prediction: Prediction) -> String {
        let phrase: Phrase =
            if prediction.confidence >= Ensemble.aggressiveConfidence {
                .reasonSure
            } else if prediction.confidence >= Self.unsure {
                .reasonFairlySure
            } else {
                .reasonUnsure
            }
        return formatter.catalogue.text(
            phrase,
            [
                "share": share(prediction.confidence),
                "samples": formatter.count(Int(prediction.historicalSamples)),
                "difference": formatter.points(prediction.similar - prediction.historical),
            ], counts: ["samples": Int(prediction.historicalSamples)])
    }

    private func share(_ value: Double) -> String { formatter.percent(value, places: 0) }

    private func interval(_ successes: Int32, of samples: Int32) -> String {
        guard samples > 0 else { return "" }
        return formatter.interval(
            wilsonInterval(successes: Int(successes), samples: Int(samples)), .interval(of: .share))
    }
}
