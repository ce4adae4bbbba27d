import Foundation

/// The solar Hijri calendar of Iran (Jalali), in which 2025-03-20 is 1403-12-30.
///
/// Years begin as Foundation's calendar has them, which is the one that reports show.
public enum PersianCalendar {
    /// Years whose days are known; all of them are centuries away from a Gregorian year that records may have.
    public static let years = 1278...1500

    /// The first day of each of `years`, and of the year behind the last.
    private static let starts: [Day] = {
        var calendar = Calendar(identifier: .persian)
        calendar.timeZone = .gmt
        return (years.lowerBound...years.upperBound + 1).map { year in
            let noon = calendar.date(from: DateComponents(year: year, month: 1, day: 1, hour: 12)) ?? .distantPast
            return Day(daysSinceEpoch: Int32((noon.timeIntervalSince1970 / 86_400).rounded(.down)))
        }
    }()

    /// The day of a date; `nil` where the calendar has no such date, or the year is none of `years`.
    public static func day(year: Int, month: Int, day: Int) -> Day? {
        guard years.contains(year), (1...12).contains(month), day >= 1 else { return nil }
        let start = starts[year - years.lowerBound]
        let length = Int(starts[year + 1 - years.lowerBound].daysSinceEpoch - start.daysSinceEpoch)
        // Six months of 31 days, five of 30, and what is left.
        let before = month <= 7 ? (month - 1) * 31 : 186 + (month - 7) * 30
        let last = month <= 6 ? 31 : month <= 11 ? 30 : length - 336
        return day <= last ? start + (before + day - 1) : nil
    }
}
