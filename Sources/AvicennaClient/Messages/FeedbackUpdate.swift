/// How the feedback on a recommendation stands, after some was given, edited or withdrawn.
public struct FeedbackUpdate: Hashable, Sendable, Decodable {
    private enum CodingKeys: String, CodingKey {
        case samples
        case recommendationID = "recommendation_id"
        case meanRating = "mean_rating"
        case meanImprovement = "mean_improvement"
        case sideEffects = "side_effects"
    }

    /// A side effect that was told.
    public struct SideEffect: Hashable, Sendable, Decodable {
        /// What it is.
        public let name: String
        /// How many feedback tell it.
        public let count: Int
    }

    /// The recommendation.
    public let recommendationID: Int64
    /// Cases.
    public let samples: Int
    /// Mean of the ratings, 1…5; `nil` without cases.
    public let meanRating: Double?
    /// Mean of the improvements that were told, 1…5; `nil` where none was.
    public let meanImprovement: Double?
    /// The side effects, the commonest first.
    public let sideEffects: [SideEffect]
}
