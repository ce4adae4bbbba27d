import Domain
import Statistics

/// Decides which diagnoses' rankings live clients are told of: those with a prediction that is news, and those that have one more
/// or one less.
struct Announcements {
    /// The diagnoses whose ranking is told, ascending.
    private(set) var diagnoses: [DiagnosisID] = []
    /// What is to be published, with the scores that clients know after this.
    private(set) var rows = Keyed<RecommendationID, PublishedPrediction>()
    /// The positions in `rows` of those of these diagnoses.
    private(set) var told: [Int] = []

    /// - Parameter treatment: that of a recommendation that is predicted.
    init(
        from published: Keyed<RecommendationID, PublishedPrediction>,
        to predictions: Keyed<RecommendationID, Prediction>, treatment: (RecommendationID) -> Subject
    ) {
        var news: [DiagnosisID] = []
        /// Those of one diagnosis stand beside each other.
        func tell(_ diagnosis: DiagnosisID) {
            if news.last != diagnosis { news.append(diagnosis) }
        }
        var old = 0
        rows.reserveCapacity(predictions.count)
        for (recommendation, prediction) in zip(predictions.keys, predictions.values) {
            while old < published.count, published.keys[old] < recommendation {
                tell(published.values[old].diagnosis)  // it is no longer ranked
                old += 1
            }
            var score = prediction.score
            if old < published.count, published.keys[old] == recommendation {
                let known = published.values[old]
                if known.callsForUpdate(to: prediction) {
                    tell(known.diagnosis)
                    tell(prediction.diagnosis)
                }
                score = known.lastPublishedScore
                old += 1
            } else {
                tell(prediction.diagnosis)
            }
            rows.append(
                recommendation,
                PublishedPrediction(prediction, of: treatment(recommendation), lastPublishedScore: score))
        }
        for gone in published.values[old...] { tell(gone.diagnosis) }
        news.sort()
        for diagnosis in news where diagnoses.last != diagnosis { diagnoses.append(diagnosis) }
        var search = AscendingSearch(in: diagnoses)
        var position = 0
        rows.mapValues { row in
            if search.position(of: row.diagnosis) != nil {
                row.lastPublishedScore = predictions.values[position].score
                told.append(position)
            }
            position += 1
        }
    }
}
