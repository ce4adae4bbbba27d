/// A herb recommended in one diagnosis.
public struct Recommendation: Equatable, Sendable {
    /// Number of the recommendation.
    public var id: RecommendationID
    /// The diagnosis it belongs to.
    public var diagnosis: DiagnosisID
    /// The herb as it was entered, trimmed.
    public var herb: String
    /// When it was made.
    public var createdAt: Instant

    /// A recommendation with checked values.
    public init(id: RecommendationID, diagnosis: DiagnosisID, herb: String, createdAt: Instant) {
        self.id = id
        self.diagnosis = diagnosis
        self.herb = herb
        self.createdAt = createdAt
    }
}
