public import Domain

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
