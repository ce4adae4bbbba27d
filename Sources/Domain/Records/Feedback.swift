/// What a patient said of one recommendation.
public struct Feedback: Equatable, Sendable {
    /// The most characters (Unicode scalars) that a comment may have.
    public static let longestComment = 500

    /// Number of the feedback.
    public var id: FeedbackID
    /// The recommendation it judges.
    public var recommendation: RecommendationID
    /// The patient's judgement.
    public var rating: Rating
    /// How far the symptoms improved, where said.
    public var improvement: Rating?
    /// How much was taken, where said.
    public var compliance: Compliance?
    /// Side effects as they were entered, each trimmed.
    public var sideEffects: [String]
    /// Free text of at most `longestComment` characters.
    public var comment: String?
    /// When it was given; an edit keeps this instant.
    public var createdAt: Instant
    /// When it was withdrawn, where it was.
    public var deletedAt: Instant?

    /// A feedback with checked values.
    public init(
        id: FeedbackID, recommendation: RecommendationID, rating: Rating, improvement: Rating?,
        compliance: Compliance?, sideEffects: [String], comment: String?, createdAt: Instant, deletedAt: Instant?
    ) {
        self.id = id
        self.recommendation = recommendation
        self.rating = rating
        self.improvement = improvement
        self.compliance = compliance
        self.sideEffects = sideEffects
        self.comment = comment
        self.createdAt = createdAt
        self.deletedAt = deletedAt
    }
}
