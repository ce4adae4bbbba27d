public import Domain

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
    /// A prediction from its counts, not ranked yet.
    init(diagnosis: DiagnosisID, basis: HistoricalBasis, tally: Tally, similar: SimilarPatients.Outcome) {
        self.init(
            diagnosis: diagnosis, basis: basis, historicalSamples: tally.samples,
            historicalSuccesses: tally.successes, similarPatients: similar.patients,
            similarSuccesses: similar.successes, score: 0, confidence: 0, rank: 0)
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

/// The order in which a diagnosis's recommendations rank at a level, best first: by score, then confidence (both
/// compared after rounding to 9 decimals), then recommendation id.
///
/// - Parameter predictions: those of one diagnosis, by ascending recommendation.
/// - Returns: positions in `predictions`.
public func ranking(of predictions: some RandomAccessCollection<Prediction>, at level: ScoreLevel) -> [Int] {
    let scored = predictions.enumerated().map { position, prediction in
        (
            position: position, score: billionths(prediction.score(at: level)),
            confidence: billionths(prediction.confidence)
        )
    }
    return scored.sorted {
        ($1.score, $1.confidence, $0.position) < ($0.score, $0.confidence, $1.position)
    }.map(\.position)
}

/// A number rounded to 9 decimals, as a whole number that compares exactly.
@inline(__always)
func billionths(_ number: Double) -> Int64 {
    Int64((number * 1e9).rounded())
}
