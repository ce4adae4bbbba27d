import Domain

/// Decides which diagnoses' rankings live clients are told of: those with a prediction that is news, and those that have one more
/// or one less.
struct Announcements {
    /// The diagnoses whose ranking is told.
    private(set) var diagnoses: Set<DiagnosisID> = []
    /// What is to be published, with the scores that clients know after this.
    private(set) var rows = Keyed<RecommendationID, PublishedPrediction>()

    /// - Parameter treatment: that of a recommendation that is predicted.
    init(
        from published: Keyed<RecommendationID, PublishedPrediction>,
        to predictions: Keyed<RecommendationID, Prediction>, treatment: (RecommendationID) -> Subject
    ) {
        var old = 0
        rows.reserveCapacity(predictions.count)
        for (recommendation, prediction) in zip(predictions.keys, predictions.values) {
            while old < published.count, published.keys[old] < recommendation {
                diagnoses.insert(published.values[old].diagnosis)  // it is no longer ranked
                old += 1
            }
            var told = prediction.score
            if old < published.count, published.keys[old] == recommendation {
                let known = published.values[old]
                if known.isNews(prediction) {
                    diagnoses.insert(prediction.diagnosis)
                    diagnoses.insert(known.diagnosis)
                }
                told = known.toldScore
                old += 1
            } else {
                diagnoses.insert(prediction.diagnosis)
            }
            rows.append(
                recommendation, PublishedPrediction(prediction, of: treatment(recommendation), toldScore: told))
        }
        for gone in published.values[old...] {
            diagnoses.insert(gone.diagnosis)
        }
        var position = 0
        rows.mapValues { row in
            if diagnoses.contains(row.diagnosis) { row.toldScore = predictions.values[position].score }
            position += 1
        }
    }
}
