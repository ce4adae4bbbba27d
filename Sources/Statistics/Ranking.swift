// Section "Ensemble score" of docs/definitions.md: the rank within a diagnosis.

public import Domain

// Inlinable, since a run ranks each diagnosis: a generic function is not specialised for another module otherwise.
/// The order in which a diagnosis's recommendations rank at a level, best first: by score, then confidence (both
/// compared after rounding to 9 decimals), then recommendation id.
///
/// - Parameter predictions: those of one diagnosis, by ascending recommendation.
/// - Returns: positions in `predictions`.
@inlinable
public func ranking(of predictions: some RandomAccessCollection<Prediction>, at level: ScoreLevel) -> [Int] {
    predictions.enumerated().map { position, prediction in
        RankKey(prediction, at: level, recommendation: position)
    }.sorted().map(\.recommendation)
}

/// What decides where a recommendation ranks within its diagnosis: the better comes first.
@frozen
public struct RankKey: Comparable, Sendable {
    @usableFromInline let score: Int64
    @usableFromInline let confidence: Int64
    /// A number that ascends with the recommendation's id, such as a position.
    public let recommendation: Int

    /// The key of a prediction at a level.
    @inlinable
    public init(_ prediction: Prediction, at level: ScoreLevel, recommendation: Int) {
        score = billionths(prediction.score(at: level))
        confidence = billionths(prediction.confidence)
        self.recommendation = recommendation
    }

    /// The better one comes first.
    @inlinable
    public static func < (left: Self, right: Self) -> Bool {
        (right.score, right.confidence, left.recommendation) < (left.score, left.confidence, right.recommendation)
    }
}
