/// A span of days that ends with the as-of day.
public enum Window: String, CaseIterable, Sendable {
    /// The last 30 days.
    case days30 = "30"
    /// The last 90 days.
    case days90 = "90"
    /// All days up to the as-of day.
    case all

    /// How many days it spans; `nil` for all.
    public var days: Int? {
        switch self {
        case .days30: 30
        case .days90: 90
        case .all: nil
        }
    }

    /// The first day of it; the earliest day there is for all days.
    public func firstDay(asOf day: Day) -> Day {
        days.map { day - ($0 - 1) } ?? Day(daysSinceEpoch: .min)
    }

    /// Whether a day up to the as-of day lies in it.
    public func contains(_ day: Day, asOf: Day) -> Bool {
        days.map { Int(asOf.daysSinceEpoch - day.daysSinceEpoch) < $0 } ?? true
    }
}
