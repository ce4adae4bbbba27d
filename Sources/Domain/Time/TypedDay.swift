/// The calendar in which people write the days of settings and command lines.
public enum InputCalendar: String, CaseIterable, Sendable {
    /// As in ISO 8601.
    case gregorian
    /// The solar Hijri calendar of Iran; years from 1900 on are Gregorian nevertheless.
    case persian
}

/// A day as a person types it: `2026-10-20`, or the same day in the Persian calendar as `1405-07-28-persian`.
///
/// Digits may be Latin, Persian or Arabic. With the suffix `-persian` a day is of the Persian calendar, whatever the setting.
public struct TypedDay: Equatable, Sendable {
    private static let suffix = "-persian"
    /// The first day that a record may be of.
    private static let earliest = Day(year: 1900, month: 1, day: 1) ?? Day(daysSinceEpoch: -25_567)

    /// As it was typed.
    public let text: String

    /// A day that is still to be read.
    public init(_ text: String) {
        self.text = text
    }

    /// Reads the day, which is never before 1900.
    ///
    /// - Parameters:
    ///   - calendar: how a day without the suffix is read.
    ///   - option: what errors call it, such as `--as-of`.
    /// - Throws: `TypedDayError`.
    public func day(in calendar: InputCalendar, for option: String) throws -> Day {
        func error(_ reason: TypedDayError.Reason) -> TypedDayError {
            TypedDayError(option: option, text: text, reason: reason)
        }
        let plain = text.withPlainDigits
        let isMarked = plain.hasSuffix(Self.suffix)
        let date = isMarked ? String(plain.dropLast(Self.suffix.count)) : plain
        guard let numbers = Self.numbers(date) else { throw error(.noDay) }
        guard isMarked || numbers.year < 1900 else {
            guard let day = Day(year: numbers.year, month: numbers.month, day: numbers.day) else { throw error(.noDay) }
            return day
        }
        guard isMarked || calendar == .persian else {
            throw error(PersianCalendar.years.contains(numbers.year) ? .looksPersian(date) : .tooEarly)
        }
        guard let day = PersianCalendar.day(year: numbers.year, month: numbers.month, day: numbers.day) else {
            throw error(.noPersianDay)
        }
        guard day >= Self.earliest else { throw error(.tooEarly) }
        return day
    }

    private static func numbers(_ date: String) -> (year: Int, month: Int, day: Int)? {
        let bytes = Array(date.utf8)
        return bytes.withUnsafeBytes { bytes in
            var scanner = DigitScanner(bytes)
            guard let year = scanner.number(digits: 4), scanner.take("-"), let month = scanner.number(digits: 2),
                scanner.take("-"), let day = scanner.number(digits: 2), scanner.isAtEnd
            else { return nil }
            return (year, month, day)
        }
    }
}

/// A day on the command line that cannot be read.
public struct TypedDayError: Failure, Equatable {
    /// What is wrong with it.
    public enum Reason: Equatable, Sendable {
        /// No calendar has it.
        case noDay
        /// The Persian calendar does not have it.
        case noPersianDay
        /// It is before 1900.
        case tooEarly
        /// It is before 1900 unless it is of the Persian calendar: its date without a suffix.
        case looksPersian(String)
    }

    /// The option that it was given with.
    public let option: String
    /// As it was typed.
    public let text: String
    /// What is wrong with it.
    public let reason: Reason

    /// One line: option, day, what to do.
    public var description: String {
        switch reason {
        case .noDay: "\(option): '\(text)' is not a day; write it as 2026-10-20, or as 1405-07-28-persian"
        case .noPersianDay: "\(option): '\(text)' is not a day of the Persian calendar; write it as 1405-07-28-persian"
        case .tooEarly: "\(option): '\(text)' is before 1900; write the day as 2026-10-20, or as 1405-07-28-persian"
        case .looksPersian(let date):
            "\(option): \(text) looks like a Persian date; write it as \(date)-persian, or set calendar: persian"
        }
    }

    /// 64.
    public var status: ExitStatus { .usage }
}
