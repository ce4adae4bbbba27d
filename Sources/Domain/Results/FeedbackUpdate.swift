/// The state of the feedback on a recommendation after it changed, without withdrawn feedback.
///
/// It is small however many side effects there are and however long their names.
public struct FeedbackUpdate: Equatable, Sendable {
    /// A side effect and the number of feedback that mention it.
    public struct SideEffect: Equatable, Sendable {
        /// The name, at most `maxNameLength` characters.
        public var name: String
        /// The number of feedback that mention it.
        public var count: Int

        /// A side effect, with the beginning of a long name.
        public init(name: String, count: Int) {
            self.name = name.shortened(to: FeedbackUpdate.maxNameLength)
            self.count = count
        }
    }

    /// Characters of the name of a side effect; files may have longer ones.
    public static let maxNameLength = 100

    /// The recommendation.
    public var recommendation: RecommendationID
    /// The number of feedback.
    public var samples: Int32
    /// The sum of the ratings.
    public var ratingSum: Int32
    /// The number of feedback with a symptom improvement.
    public var improvements: Int32
    /// The sum of the symptom improvements.
    public var improvementSum: Int32
    /// The most frequent side effects, the most frequent first.
    public var sideEffects: [SideEffect]
    /// The number of different side effects, including those that are not listed.
    public var sideEffectCount: Int

    /// An update.
    public init(
        recommendation: RecommendationID, samples: Int32, ratingSum: Int32, improvements: Int32, improvementSum: Int32,
        sideEffects: [SideEffect], sideEffectCount: Int
    ) {
        self.recommendation = recommendation
        self.samples = samples
        self.ratingSum = ratingSum
        self.improvements = improvements
        self.improvementSum = improvementSum
        self.sideEffects = sideEffects
        self.sideEffectCount = sideEffectCount
    }
}
