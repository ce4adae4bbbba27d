import Domain
import Foundation

/// The calendar in which a report counts its days and months.
public enum ReportCalendar: UInt8, Sendable {
    /// The Gregorian calendar.
    case gregorian
    /// The solar Hijri calendar of Iran, in which 2025-03-20 is 1403-12-30.
    case persian

    /// The calendar as Foundation has it, in UTC.
    var calendar: Calendar {
        var calendar = Calendar(identifier: self == .persian ? .persian : .gregorian)
        calendar.timeZone = .gmt
        return calendar
    }
}

/// A month of a calendar, such as `2026-10` or `1405-07`.
public struct Month: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The calendar that it belongs to.
    public let calendar: ReportCalendar
    /// Year of that calendar.
    public let year: Int
    /// 1…12.
    public let number: Int

    /// The earlier month comes first; of one calendar only.
    public static func < (left: Self, right: Self) -> Bool {
        (left.year, left.number) < (right.year, right.number)
    }

    /// Year and number with a hyphen between.
    public var description: String { "\(padded(year, to: 4))-\(padded(number, to: 2))" }

    /// The month that follows.
    var next: Self {
        Self(calendar: calendar, year: number == 12 ? year + 1 : year, number: number == 12 ? 1 : number + 1)
    }

    /// Noon of its first day, in UTC.
    var start: Date {
        let components = DateComponents(year: year, month: number, day: 1, hour: 12)
        return calendar.calendar.date(from: components) ?? .distantPast
    }
}

/// Finds the month of days, and remembers those it found.
struct MonthFinder {
    private let kind: ReportCalendar
    private let calendar: Calendar
    private var months: [Day: Month] = [:]

    init(_ kind: ReportCalendar) {
        self.kind = kind
        calendar = kind.calendar
    }

    mutating func month(of day: Day) -> Month {
        if let month = months[day] { return month }
        let date = calendar.dateComponents([.year, .month], from: day.noon)
        let month = Month(calendar: kind, year: date.year ?? 0, number: date.month ?? 0)
        months[day] = month
        return month
    }
}

extension Day {
    /// Noon of the day, in UTC.
    var noon: Date { Date(timeIntervalSince1970: TimeInterval(daysSinceEpoch) * 86_400 + 43_200) }
}
