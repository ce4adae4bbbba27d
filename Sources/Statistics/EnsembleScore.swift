// Section "Ensemble score" of docs/definitions.md. The rank is in Ranking.swift.

public import Domain

/// The model `ensemble-1` behind the scores: a weighted mean of historical effectiveness, the outcomes of similar patients
/// and the fit to the symptoms.
public enum Ensemble {
    /// Name of the model, recorded with each run.
    public static let version = "ensemble-1"

    /// The weight of the historical component in a score.
    public static let historicalWeight = 0.40
    /// The weight of the similar patients in a score.
    public static let similarWeight = 0.35
    /// The weight of the fit to the symptoms in a score.
    public static let symptomWeight = 0.25
    /// Fit of a herb to the symptoms, 0…1: a constant in this model.
    public static let symptom = 0.7
    /// The historical component where there is no case at all.
    static let unknownHistory = 0.5

    /// The factor of a conservative score.
    static let conservativeFactor = 0.85
    /// The factor of an aggressive score.
    static let aggressiveFactor = 1.15
    /// The confidence from which an aggressive score counts.
    public static let aggressiveConfidence = 0.7

    /// Cases of the historical evidence from which its part of the confidence is full.
    static let sufficientSamples = 10.0
    /// The weight of the number of cases in the confidence.
    static let certaintyWeight = 0.7
    /// The weight of the agreement of history and similar patients in the confidence.
    static let agreementWeight = 0.3
    /// What full disagreement takes off the agreement.
    static let disagreementPenalty = 0.3
}

extension HistoricalEvidence {
    /// The first of treatment in 90 days, treatment, herb in 90 days, herb and overall that has a case.
    ///
    /// - Parameters: tallies with at least one case over all days; `nil` where there is none.
    public init(treatment: WindowTallies?, herb: WindowTallies?, overall: WindowTallies?) {
        if let treatment {
            self =
                treatment.days90.samples > 0
                ? Self(.treatment90, treatment.days90) : Self(.treatmentAll, treatment.all)
        } else if let herb {
            self = herb.days90.samples > 0 ? Self(.herb90, herb.days90) : Self(.herbAll, herb.all)
        } else if let overall {
            self.init(.overallAll, overall.all)
        } else {
            self.init(.none, Tally())
        }
    }

    private init(_ basis: HistoricalBasis, _ tally: Tally) {
        self.init(basis: basis, samples: tally.samples, successes: tally.successes)
    }
}

extension Prediction {
    /// A prediction from its counts.
    ///
    /// - Parameter rank: its balanced rank within the diagnosis; 0 where it is not ranked yet.
    public init(
        diagnosis: DiagnosisID, evidence: HistoricalEvidence, similarPatients: Int32, similarSuccesses: Int32,
        rank: Int32 = 0
    ) {
        self.init(
            diagnosis: diagnosis, basis: evidence.basis, historicalSamples: evidence.samples,
            historicalSuccesses: evidence.successes, similarPatients: similarPatients,
            similarSuccesses: similarSuccesses, score: 0, confidence: 0, rank: rank)
        score = score(at: .balanced)
        let certainty = min(1, Double(historicalSamples) / Ensemble.sufficientSamples)
        let agreement = 1 - Ensemble.disagreementPenalty * abs(historical - self.similar)
        confidence = Ensemble.certaintyWeight * certainty + Ensemble.agreementWeight * agreement
    }

    /// Success rate of the historical evidence, 0…1; 0.5 where there is none.
    public var historical: Double {
        historicalSamples == 0 ? Ensemble.unknownHistory : Double(historicalSuccesses) / Double(historicalSamples)
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
        case .conservative: min(1, Ensemble.conservativeFactor * base)
        case .balanced: min(1, base)
        case .aggressive: min(1, Ensemble.aggressiveFactor * base)
        }
    }

    /// Whether the score counts at a level; an aggressive one needs enough confidence.
    public func meetsConfidence(at level: ScoreLevel) -> Bool {
        level != .aggressive || confidence >= Ensemble.aggressiveConfidence
    }
}

extension PublishedPrediction {
    /// The prediction on the evidence of its treatment.
    public func prediction(on evidence: HistoricalEvidence) -> Prediction {
        Prediction(
            diagnosis: diagnosis, evidence: evidence, similarPatients: similarPatients,
            similarSuccesses: similarSuccesses, rank: rank)
    }
}
