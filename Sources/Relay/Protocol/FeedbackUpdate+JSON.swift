import Domain

extension FeedbackUpdate {
    /// The data of a `feedback_update`.
    var json: JSON {
        [
            "recommendation_id": JSON(recommendation), "samples": JSON(samples),
            "mean_rating": mean(ratingSum, samples),
            "mean_improvement": mean(improvementSum, improvements),
            "side_effects": JSON(sideEffects.map { ["name": .text($0.name), "count": JSON($0.count)] }),
            "side_effects_total": JSON(sideEffectCount),
        ]
    }

    private func mean(_ sum: Int32, _ count: Int32) -> JSON {
        count == 0 ? .null : JSON(Double(sum) / Double(count))
    }
}
