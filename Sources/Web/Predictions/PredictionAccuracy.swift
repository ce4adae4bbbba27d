import Domain

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
