public import Domain

/// The names of the herbs in messages, by recommendation.
public struct HerbNames: Equatable, Sendable {
    /// The displayed spellings, for staff.
    public var displayed: [RecommendationID: String] = [:]
    /// The spellings of the recommendations themselves, for their patients: the displayed ones depend on the records of others.
    public var entered: [RecommendationID: String] = [:]

    /// No names.
    public init() {}
}
