/// What is known of a diagnosis: told as a whole by `resync`, and kept up to date by what follows.
public struct DiagnosisState: Hashable, Sendable {
    /// How well one of its recommendations works.
    public struct Recommendation: Hashable, Sendable {
        /// Its herb.
        public var herb: String
        /// Effectiveness in each window; `nil` where there is no case.
        public var effectiveness: ByWindow<Effectiveness?>
        /// Its trend; `nil` without a case in the last 90 days.
        public var trend: TrendDirection?
    }

    /// Recommendations that have a case, by id.
    public private(set) var recommendations: [Int64: Recommendation] = [:]
    /// The ranked recommendations, best first; empty where the diagnosis is not active.
    public private(set) var ranking: [RankedRecommendation] = []

    /// What is known of a diagnosis of which nothing is.
    public init() {}

    /// Takes in what a message says. Messages are to come in order, each once, as `LiveDiagnosis` gives them.
    public mutating func apply(_ message: LiveMessage) {
        switch message.content {
        case .resync(let state): self = state
        case .recommendationUpdate(let ranking): self.ranking = ranking
        case .effectivenessUpdate(let update):
            let windows = update.windows
            recommendations[update.recommendationID] =
                windows.all.new == nil
                ? nil
                : Recommendation(
                    herb: update.herb,
                    effectiveness: ByWindow(
                        days30: windows.days30.new, days90: windows.days90.new, all: windows.all.new),
                    trend: update.trend.new)
        case .connected, .feedbackUpdate, .other: break
        }
    }
}

extension DiagnosisState: Decodable {
    private enum CodingKeys: String, CodingKey {
        case effectiveness, trends, ranking
    }

    private struct Known: Decodable {
        enum CodingKeys: String, CodingKey {
            case herb, windows
            case recommendationID = "recommendation_id"
        }

        var recommendationID: Int64
        var herb: String
        var windows: ByWindow<Effectiveness?>
    }

    private struct Trend: Decodable {
        enum CodingKeys: String, CodingKey {
            case trend
            case recommendationID = "recommendation_id"
        }

        var recommendationID: Int64
        var trend: TrendDirection?
    }

    /// Reads the data of a `resync`.
    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        let trends = Dictionary(
            try members.decode([Trend].self, forKey: .trends).map { ($0.recommendationID, $0.trend) },
            uniquingKeysWith: { $1 })
        for known in try members.decode([Known].self, forKey: .effectiveness) {
            recommendations[known.recommendationID] = Recommendation(
                herb: known.herb, effectiveness: known.windows, trend: trends[known.recommendationID] ?? nil)
        }
        ranking = try members.decode([RankedRecommendation].self, forKey: .ranking)
    }
}
