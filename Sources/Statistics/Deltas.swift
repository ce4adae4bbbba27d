// Section "Deltas" of docs/definitions.md: when live clients receive a new ranking.

public import Domain

extension PublishedPrediction {
    /// The difference of balanced scores from which live clients receive an update.
    static let minimumMove = 0.05

    /// Whether live clients receive an update because a prediction replaces this one: its rank differs, or its balanced
    /// score differs by at least 0.05 from the one that they last received. A score that moves slowly is sent once it has
    /// moved that far.
    public func callsForUpdate(to prediction: Prediction) -> Bool {
        // Rounded, so that a move of 0.05 is 0.05.
        let move = roundedToTwelveDecimals(abs(prediction.score - lastPublishedScore))
        return prediction.rank != rank || prediction.diagnosis != diagnosis || move >= Self.minimumMove
    }
}
