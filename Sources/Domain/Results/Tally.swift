/// Counts and sums over the cases of one subject and window, all whole numbers: tallies of parts add up exactly to the
/// tally of the whole, in any order.
@frozen
public struct Tally: Hashable, BitwiseCopyable, Sendable {
    /// Cases.
    public var samples: Int32 = 0
    /// Cases with a rating of at least the success rating.
    public var successes: Int32 = 0
    /// Sum of the ratings.
    public var ratingSum: Int32 = 0
    /// Cases with an improvement.
    public var improvements: Int32 = 0
    /// Sum of the improvements.
    public var improvementSum: Int32 = 0
    /// Cases with a compliance.
    public var compliances: Int32 = 0
    /// Sum of the compliances, in billionths.
    public var complianceSum: Int64 = 0

    /// An empty tally.
    @inlinable
    public init() {}

    /// Subtracts all counts and sums of another tally.
    public static func -= (left: inout Self, right: Self) {
        left.samples -= right.samples
        left.successes -= right.successes
        left.ratingSum -= right.ratingSum
        left.improvements -= right.improvements
        left.improvementSum -= right.improvementSum
        left.compliances -= right.compliances
        left.complianceSum -= right.complianceSum
    }

    /// Adds all counts and sums of another tally.
    @inlinable
    public static func += (left: inout Self, right: Self) {
        left.samples += right.samples
        left.successes += right.successes
        left.ratingSum += right.ratingSum
        left.improvements += right.improvements
        left.improvementSum += right.improvementSum
        left.compliances += right.compliances
        left.complianceSum += right.complianceSum
    }
}

/// The tallies of one subject in the three windows.
@frozen
public struct WindowTallies: Hashable, BitwiseCopyable, Sendable {
    /// The last 30 days.
    public var days30 = Tally()
    /// The last 90 days.
    public var days90 = Tally()
    /// All days.
    public var all = Tally()

    /// Empty tallies.
    @inlinable
    public init() {}

    /// The tally of a case in the windows that contain its day.
    public init(_ tally: Tally, on day: Day, asOf: Day) {
        all = tally
        if Window.days90.contains(day, asOf: asOf) { days90 = tally }
        if Window.days30.contains(day, asOf: asOf) { days30 = tally }
    }

    /// The tally of a window.
    @inlinable
    public subscript(window: Window) -> Tally {
        switch window {
        case .days30: days30
        case .days90: days90
        case .all: all
        }
    }

    /// Subtracts window by window.
    public static func -= (left: inout Self, right: Self) {
        left.days30 -= right.days30
        left.days90 -= right.days90
        left.all -= right.all
    }

    /// Adds window by window.
    @inlinable
    public static func += (left: inout Self, right: Self) {
        left.days30 += right.days30
        left.days90 += right.days90
        left.all += right.all
    }
}
