public import Domain

/// The order in which a diagnosis's recommendations rank at a level, best first: by score, then confidence (both
/// compared after rounding to 9 decimals), then recommendation id.
///
/// - Parameter predictions: those of one diagnosis, by ascending recommendation.
/// - Returns: positions in `predictions`.
public func ranking(of predictions: some RandomAccessCollection<Prediction>, at level: ScoreLevel) -> [Int] {
    predictions.enumerated().map { position, prediction in
        RankKey(prediction, at: level, recommendation: position)
    }.sorted().map(\.recommendation)
}

/// What decides where a recommendation ranks within its diagnosis: the better comes first.
struct RankKey: Comparable {
    private let score: Int64
    private let confidence: Int64
    /// A position that ascends with the id.
    let recommendation: Int

    init(_ prediction: Prediction, at level: ScoreLevel, recommendation: Int) {
        score = billionths(prediction.score(at: level))
        confidence = billionths(prediction.confidence)
        self.recommendation = recommendation
    }

    static func < (left: Self, right: Self) -> Bool {
        (right.score, right.confidence, left.recommendation) < (left.score, left.confidence, right.recommendation)
    }
}

/// A number rounded to 9 decimals, as a whole number that compares exactly.
@inline(__always)
func billionths(_ number: Double) -> Int64 {
    Int64((number * 1e9).rounded())
}
