import Domain
import Statistics

extension PredictionAccuracy {
    /// The members of its JSON.
    var members: KeyValuePairs<String, JSON> {
        [
            "cases": JSON(cases), "mean_predicted": JSON(meanPredicted), "observed": JSON(observed),
            "brier_score": JSON(brierScore),
        ]
    }
}
