// Section "Prediction accuracy" of docs/definitions.md.

/// How the scores that cases were predicted to have compare with what came of them.
public struct PredictionAccuracy: Equatable, Sendable {
    /// Cases of which a score was predicted.
    public private(set) var cases = 0
    private var successes = 0
    private var sumOfScores = 0.0
    private var sumOfSquares = 0.0

    /// No cases.
    public init() {}

    /// Adds a case of which a score, 0…1, was predicted.
    public mutating func add(predicted score: Double, isSuccess: Bool) {
        let outcome = isSuccess ? 1.0 : 0
        cases += 1
        successes += isSuccess ? 1 : 0
        sumOfScores += score
        sumOfSquares += (score - outcome) * (score - outcome)
    }

    /// Adds the cases of another.
    public static func += (left: inout Self, right: Self) {
        left.cases += right.cases
        left.successes += right.successes
        left.sumOfScores += right.sumOfScores
        left.sumOfSquares += right.sumOfSquares
    }

    /// Mean of the predicted scores, 0…1; `nil` without cases.
    public var meanPredicted: Double? { mean(sumOfScores) }

    /// Share of the cases that are a success, 0…1; `nil` without cases.
    public var observed: Double? { mean(Double(successes)) }

    /// Mean squared difference of the predicted score and the outcome (1 for a success, otherwise 0), 0…1; `nil` without
    /// cases (Brier 1950).
    public var brierScore: Double? { mean(sumOfSquares) }

    private func mean(_ sum: Double) -> Double? { cases == 0 ? nil : sum / Double(cases) }
}
