/// Where a subject's effectiveness is heading.
public enum Direction: String, CaseIterable, Sendable {
    /// Too few cases in one of the two spans to say.
    case insufficient
    /// Up by at least five points.
    case improving
    /// Down by at least five points.
    case declining
    /// Neither.
    case stable

    /// Position in `allCases`, 0…3; stored, so the order never changes.
    public var ordinal: Int {
        switch self {
        case .insufficient: 0
        case .improving: 1
        case .declining: 2
        case .stable: 3
        }
    }
}

/// The last 30 days of a subject against the 60 days before.
public struct Trend: ResultRow, Hashable, Sendable {
    /// Cases in the last 30 days.
    public var recentSamples: Int32
    /// Successes among them.
    public var recentSuccesses: Int32
    /// Cases in the 60 days before.
    public var baselineSamples: Int32
    /// Successes among them.
    public var baselineSuccesses: Int32
    /// Which way the rate moved.
    public var direction: Direction
    /// Two-sided p-value of the difference, 0…1; `nil` where `direction` is `insufficient`.
    public var pValue: Double?

    /// A trend with its test.
    public init(
        recentSamples: Int32, recentSuccesses: Int32, baselineSamples: Int32, baselineSuccesses: Int32,
        direction: Direction, pValue: Double?
    ) {
        self.recentSamples = recentSamples
        self.recentSuccesses = recentSuccesses
        self.baselineSamples = baselineSamples
        self.baselineSuccesses = baselineSuccesses
        self.direction = direction
        self.pValue = pValue
    }
}
