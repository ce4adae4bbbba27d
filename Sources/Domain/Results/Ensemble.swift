/// The model behind the scores: a weighted sum of what history, similar patients and the symptoms say.
public enum Ensemble {
    /// Name of the model, recorded with each run.
    public static let version = "ensemble-1"

    /// The part of a score that history has.
    public static let historicalWeight = 0.40
    /// The part of a score that similar patients have.
    public static let similarWeight = 0.35
    /// The part of a score that the fit to the symptoms has.
    public static let symptomWeight = 0.25
    /// The confidence from which an aggressive score counts.
    public static let aggressiveConfidence = 0.7
    /// Cases of the historical basis from which its part of the confidence is full.
    static let sufficientSamples = 10.0

    /// Fit of a herb to the symptoms, 0…1: a constant in this model.
    public static let symptom = 0.7
}

extension Prediction {
    /// A prediction from its counts.
    ///
    /// - Parameter rank: its balanced rank within the diagnosis; 0 where it is not ranked yet.
    public init(
        diagnosis: DiagnosisID, body: HistoricalBody, similarPatients: Int32, similarSuccesses: Int32, rank: Int32 = 0
    ) {
        self.init(
            diagnosis: diagnosis, basis: body.basis, historicalSamples: body.samples,
            historicalSuccesses: body.successes, similarPatients: similarPatients,
            similarSuccesses: similarSuccesses, score: 0, confidence: 0, rank: rank)
        score = score(at: .balanced)
        let certainty = min(1, Double(historicalSamples) / Ensemble.sufficientSamples)
        let agreement = 1 - 0.3 * abs(historical - self.similar)
        confidence = 0.7 * certainty + 0.3 * agreement
    }

    /// Success rate of the historical basis, 0…1; 0.5 where there is none.
    public var historical: Double {
        historicalSamples == 0 ? 0.5 : Double(historicalSuccesses) / Double(historicalSamples)
    }

    /// Success rate among similar patients, 0…1; the historical rate where there are none.
    public var similar: Double {
        similarPatients == 0 ? historical : Double(similarSuccesses) / Double(similarPatients)
    }

    /// The score at a level, 0…1.
    public func score(at level: ScoreLevel) -> Double {
        let base =
            Ensemble.historicalWeight * historical + Ensemble.similarWeight * similar
            + Ensemble.symptomWeight * Ensemble.symptom
        return switch level {
        case .conservative: min(1, 0.85 * base)
        case .balanced: min(1, base)
        case .aggressive: min(1, 1.15 * base)
        }
    }

    /// Whether the score counts at a level; an aggressive one needs enough confidence.
    public func meetsConfidence(at level: ScoreLevel) -> Bool {
        level != .aggressive || confidence >= Ensemble.aggressiveConfidence
    }
}
