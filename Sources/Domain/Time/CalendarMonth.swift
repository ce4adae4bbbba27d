/// A month of the proleptic Gregorian calendar, in the years 0 to 9999.
public struct CalendarMonth: Hashable, Comparable, Sendable {
    /// The year, 0…9999.
    public let year: Int
    /// The month of the year, 1…12.
    public let month: Int

    /// A month of a year; `nil` where the calendar has no such month.
    public init?(year: Int, month: Int) {
        guard Day(year: year, month: month, day: 1) != nil else { return nil }
        self.year = year
        self.month = month
    }

    /// The month of a day.
    public init(of day: Day) {
        (year, month, _) = day.date
    }

    /// Reads `2026-11`; `nil` for anything else.
    public init?(_ text: some StringProtocol) {
        guard let day = Day("\(text)-01") else { return nil }
        self.init(of: day)
    }

    private init(monthsSinceYearZero months: Int) {
        year = months / 12
        month = months % 12 + 1
    }

    private var monthsSinceYearZero: Int { year * 12 + month - 1 }

    /// The first day of the month.
    public var firstDay: Day { lastDay - (lastDay.date.day - 1) }

    /// The last day of the month.
    public var lastDay: Day {
        let length = Day.length(ofMonth: month, year: year)
        guard let day = Day(year: year, month: month, day: length) else {
            preconditionFailure("a month that was checked has a last day")
        }
        return day
    }

    /// The month after it.
    public var next: Self { self + 1 }

    /// The month that is a number of months later.
    public static func + (month: Self, months: Int) -> Self {
        Self(monthsSinceYearZero: month.monthsSinceYearZero + months)
    }

    /// The month that is a number of months earlier.
    public static func - (month: Self, months: Int) -> Self { month + -months }

    /// The earlier month comes first.
    public static func < (left: Self, right: Self) -> Bool {
        left.monthsSinceYearZero < right.monthsSinceYearZero
    }
}

extension CalendarMonth: CustomStringConvertible {
    /// Such as `2026-11`.
    public var description: String { "\(padded(year, to: 4))-\(padded(month, to: 2))" }
}
