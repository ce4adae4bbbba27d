import Domain

/// Decides which diagnoses' rankings live clients are told of: those whose order changed, or where a balanced score lies
/// at least `smallestMove` from the one that was last told. A score that creeps is told once it has crept that far.
struct Announcements {
    static let smallestMove = 0.05

    /// The diagnoses whose ranking is told.
    private(set) var diagnoses: Set<DiagnosisID> = []
    /// The predictions with the score that clients know after this.
    private(set) var rows = Keyed<RecommendationID, AnnouncedPrediction>()

    init(
        from published: Keyed<RecommendationID, AnnouncedPrediction>,
        to predictions: Keyed<RecommendationID, Prediction>
    ) {
        var old = 0
        rows.reserveCapacity(predictions.count)
        for (recommendation, prediction) in zip(predictions.keys, predictions.values) {
            while old < published.count, published.keys[old] < recommendation {
                diagnoses.insert(published.values[old].prediction.diagnosis)  // it is no longer ranked
                old += 1
            }
            var announced = prediction.score
            if old < published.count, published.keys[old] == recommendation {
                let known = published.values[old]
                if Self.isNews(prediction, after: known) {
                    diagnoses.insert(prediction.diagnosis)
                    diagnoses.insert(known.prediction.diagnosis)
                }
                announced = known.announcedScore
                old += 1
            } else {
                diagnoses.insert(prediction.diagnosis)
            }
            rows.append(recommendation, AnnouncedPrediction(prediction: prediction, announcedScore: announced))
        }
        for gone in published.values[old...] {
            diagnoses.insert(gone.prediction.diagnosis)
        }
        rows.mapValues { row in
            guard diagnoses.contains(row.prediction.diagnosis) else { return }
            row.announcedScore = row.prediction.score
        }
    }

    private static func isNews(_ prediction: Prediction, after known: AnnouncedPrediction) -> Bool {
        // Rounded, so that a move of 0.05 is 0.05.
        let move = (abs(prediction.score - known.announcedScore) * 1e12).rounded() / 1e12
        return prediction.rank != known.prediction.rank || prediction.diagnosis != known.prediction.diagnosis
            || move >= smallestMove
    }
}
