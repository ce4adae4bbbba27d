/// How well something works within a window of days: the share of its cases that are successes.
public struct Effectiveness: Hashable, Sendable, Decodable {
    /// Cases.
    public let samples: Int
    /// Successes among them.
    public let successes: Int
    /// The share, 0…1.
    public let effectiveness: Double
}

/// Whether effectiveness is changing: the last 30 days against the 60 before.
public enum TrendDirection: String, Hashable, Sendable, Decodable {
    /// Too few cases in one of the two spans to say.
    case insufficient
    /// Up by at least five points.
    case improving
    /// Down by at least five points.
    case declining
    /// Neither.
    case stable
}

/// Something in each of the three windows.
public struct ByWindow<Value> {
    /// The last 30 days.
    public let days30: Value
    /// The last 90 days.
    public let days90: Value
    /// All days.
    public let all: Value
}

extension ByWindow: Sendable where Value: Sendable {}
extension ByWindow: Equatable where Value: Equatable {}
extension ByWindow: Hashable where Value: Hashable {}

extension ByWindow: Decodable where Value: Decodable {
    private enum CodingKeys: String, CodingKey {
        case days30 = "30"
        case days90 = "90"
        case all
    }
}

/// What something was, and what it is now.
public struct Change<Value> {
    /// Before; `nil` where there was none.
    public let old: Value?
    /// Now; `nil` where there is none any more.
    public let new: Value?
}

extension Change: Sendable where Value: Sendable {}
extension Change: Equatable where Value: Equatable {}
extension Change: Hashable where Value: Hashable {}
extension Change: Decodable where Value: Decodable {}

/// How well a recommendation works has changed.
public struct EffectivenessUpdate: Hashable, Sendable, Decodable {
    private enum CodingKeys: String, CodingKey {
        case herb, windows, trend
        case recommendationID = "recommendation_id"
    }

    /// The recommendation.
    public let recommendationID: Int64
    /// Its herb.
    public let herb: String
    /// Effectiveness before and now.
    public let windows: ByWindow<Change<Effectiveness>>
    /// Its trend before and now.
    public let trend: Change<TrendDirection>
}
