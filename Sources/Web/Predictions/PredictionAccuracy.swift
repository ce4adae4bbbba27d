import Domain
import Store

/// A score that a recommendation had from one run to another.
struct PastScore: Sendable {
    let recommendation: RecommendationID
    /// 0…1.
    let score: Double
    /// The first day of it: the as-of day of the run or, of what patients saw, the clinic's day.
    let since: Day
    /// The day on which it was replaced; `nil` for the present one.
    let until: Day?

    /// The balanced scores that runs published.
    static func published(in results: any PublishedResults, of diagnosis: DiagnosisID) throws -> [Self] {
        try results.pastPredictions(of: diagnosis).map {
            Self(recommendation: $0.recommendation, score: $0.prediction.score, since: $0.since, until: $0.until)
        }
    }

    /// The rounded scores that the patient saw.
    static func seen(in view: any PatientResults, of diagnosis: DiagnosisID) throws -> [Self] {
        try view.pastPatientPredictions(of: diagnosis).compactMap { past in
            past.prediction.score.map {
                Self(recommendation: past.recommendation, score: $0, since: past.since, until: past.until)
            }
        }
    }
}

/// How predictions compare with what came of them.
struct PredictionAccuracy: Sendable {
    private var cases = 0
    private var predicted = 0.0
    private var successes = 0
    private var squares = 0.0

    /// Counts a case of which a score was predicted.
    mutating func add(predicted score: Double, isSuccess: Bool) {
        cases += 1
        predicted += score
        successes += isSuccess ? 1 : 0
        let difference = score - (isSuccess ? 1 : 0)
        squares += difference * difference
    }

    static func += (left: inout Self, right: Self) {
        left.cases += right.cases
        left.predicted += right.predicted
        left.successes += right.successes
        left.squares += right.squares
    }

    var members: KeyValuePairs<String, JSON> {
        func mean(_ sum: Double) -> JSON { cases == 0 ? .null : JSON(sum / Double(cases)) }
        return [
            "cases": JSON(cases), "mean_predicted": mean(predicted), "observed": mean(Double(successes)),
            "brier_score": mean(squares),
        ]
    }
}
