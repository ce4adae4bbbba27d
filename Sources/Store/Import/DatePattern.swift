import Domain

/// A form in which another program writes dates, such as `M/d/yyyy` or `yyyy-MM-dd HH:mm`.
///
/// | letters | meaning |
/// | --- | --- |
/// | `yyyy`, `yy` | year with four digits, or with two: 1950–2049, Persian 1350–1449 |
/// | `MM`, `M` | month with two digits, or with one or two |
/// | `MMM` | month by its English name, short or long |
/// | `dd`, `d` | day of the month, likewise |
/// | `HH`, `H`, `hh`, `h` | hour 0–23, or 1–12 with `a` |
/// | `a` | AM or PM in any case, or the Persian ق.ظ and ب.ظ |
/// | `mm`, `m`, `ss`, `s` | minute, second |
/// | `S` (any number) | digits of a second's fraction |
/// | `X` (any number) | offset from UTC, such as `+03:30`, `+0330` or `Z` |
/// | `T`, text in `'…'`, anything that is not a letter | itself |
///
/// `excel` stands for the serial numbers of spreadsheets: days since 1899-12-30, with the time as a fraction.
struct DatePattern: Sendable, CustomStringConvertible {
    fileprivate enum Part: Sendable, Equatable {
        case year(isShort: Bool)
        case month(isShort: Bool)
        case monthName
        case day(isShort: Bool)
        case hour(isShort: Bool, isHalfDay: Bool)
        case halfDay
        case minute(isShort: Bool)
        case second(isShort: Bool)
        case fraction
        case offset
        case literal(Unicode.Scalar)
        case serialNumber
    }

    /// The pattern as it was written.
    let description: String
    private let parts: [Part]
    private let isPersian: Bool
    private let hasTime: Bool

    /// - Parameter isPersian: whether years, months and days are of the Persian calendar.
    /// - Returns: `nil` where the pattern has no year, month and day, or letters that mean nothing.
    init?(_ pattern: String, isPersian: Bool = false) {
        description = pattern
        self.isPersian = isPersian
        if pattern == "excel" {
            parts = [.serialNumber]
            hasTime = true
            return
        }
        guard let parts = Self.parts(of: pattern) else { return nil }
        let kinds = parts.compactMap(\.kind)
        guard Set(kinds).count == kinds.count, Set("yMd").isSubset(of: kinds) else { return nil }
        // Half a day's hours and what tells the halves apart go together.
        let isHalfDay = parts.contains { if case .hour(_, true) = $0 { true } else { false } }
        guard isHalfDay == kinds.contains("a") else { return nil }
        hasTime = kinds.contains("h")
        self.parts = parts
    }

    private static func parts(of pattern: String) -> [Part]? {
        var parts: [Part] = []
        var rest = pattern.unicodeScalars[...]
        while let letter = rest.first {
            if letter == "'" {
                rest.removeFirst()
                guard let end = rest.firstIndex(of: "'") else { return nil }
                parts += rest[..<end].map { .literal($0) }
                rest = rest[rest.index(after: end)...]
                continue
            }
            let run = rest.prefix { $0 == letter }
            guard letter.properties.isAlphabetic, letter != "T" else {
                guard letter.isASCII else { return nil }
                parts.append(.literal(letter))
                rest.removeFirst()
                continue
            }
            guard let part = part(for: String(run)) else { return nil }
            parts.append(part)
            rest.removeFirst(run.count)
        }
        return parts
    }

    private static func part(for run: String) -> Part? {
        switch run {
        case "yyyy", "yy": .year(isShort: run == "yy")
        case "MM", "M": .month(isShort: run == "M")
        case "MMM", "MMMM": .monthName
        case "dd", "d": .day(isShort: run == "d")
        case "HH", "H": .hour(isShort: run == "H", isHalfDay: false)
        case "hh", "h": .hour(isShort: run == "h", isHalfDay: true)
        case "a": .halfDay
        case "mm", "m": .minute(isShort: run == "m")
        case "ss", "s": .second(isShort: run == "s")
        case _ where run.allSatisfy { $0 == "S" }: .fraction
        case _ where run.allSatisfy { $0 == "X" }: .offset
        default: nil
        }
    }

    /// The instant that a text names, on the clocks of `timezone` where it has no offset; a date without a time means noon.
    func instant(of bytes: UnsafeRawBufferPointer, in timezone: ClinicTimeZone) -> Instant? {
        var scanner = DigitScanner(bytes)
        if parts == [.serialNumber] { return Self.instant(ofSerialNumber: &scanner, in: timezone) }
        var moment = Moment(hour: hasTime ? 0 : 12)
        for part in parts {
            guard moment.take(part, isPersian: isPersian, from: &scanner) else { return nil }
        }
        guard scanner.isAtEnd else { return nil }
        return moment.instant(isPersian: isPersian, in: timezone)
    }

    private static func instant(ofSerialNumber scanner: inout DigitScanner, in timezone: ClinicTimeZone) -> Instant? {
        // 1950 to 2149: neither a year nor a number that stands for something else.
        guard let days = scanner.longNumber(), 18_264...91_312 ~= days else { return nil }
        var microseconds: Int64 = 43_200_000_000
        if scanner.take(".") {
            guard let fraction = scanner.fraction(digits: 12) else { return nil }
            // To the second: spreadsheets keep no more.
            microseconds = Int64((Double(fraction) * 86_400 / 1e12).rounded()) * 1_000_000
        }
        guard scanner.isAtEnd else { return nil }
        let start = timezone.instant(on: Day(daysSinceEpoch: Int32(days - 25_569)), hour: 0)
        return Instant(microseconds: start.microseconds + microseconds)
    }

    /// What was read of a date.
    private struct Moment {
        var (year, month, day) = (0, 0, 0)
        var (hour, minute, second, microsecond) = (0, 0, 0, 0)
        var isAfternoon: Bool?
        var offset: Int?

        init(hour: Int) { self.hour = hour }

        /// Reads a part; `false` where the text does not have it.
        mutating func take(_ part: Part, isPersian: Bool, from scanner: inout DigitScanner) -> Bool {
            func number(isShort: Bool, _ range: ClosedRange<Int>) -> Int? {
                let number = isShort ? scanner.shortNumber() : scanner.number(digits: 2)
                return number.flatMap { range.contains($0) ? $0 : nil }
            }
            func set(_ target: inout Int, _ value: Int?) -> Bool {
                guard let value else { return false }
                target = value
                return true
            }
            switch part {
            case .literal(let scalar): return scanner.take(text: String(scalar))
            case .year(isShort: false): return set(&year, scanner.number(digits: 4))
            case .year(isShort: true):
                guard let short = scanner.number(digits: 2) else { return false }
                year = (isPersian ? 1300 : 1900) + short + (short < 50 ? 100 : 0)
                return true
            case .month(let isShort): return set(&month, number(isShort: isShort, 1...12))
            case .monthName: return set(&month, scanner.englishMonth())
            case .day(let isShort): return set(&day, number(isShort: isShort, 1...31))
            case .hour(let isShort, let isHalfDay):
                return set(&hour, number(isShort: isShort, isHalfDay ? 1...12 : 0...23))
            case .minute(let isShort): return set(&minute, number(isShort: isShort, 0...59))
            case .second(let isShort): return set(&second, number(isShort: isShort, 0...59))
            case .fraction: return set(&microsecond, scanner.fraction(digits: 6))
            case .halfDay:
                isAfternoon = scanner.isAfternoon()
                return isAfternoon != nil
            case .offset:
                offset = scanner.offset()
                return offset != nil
            case .serialNumber: return false
            }
        }

        func instant(isPersian: Bool, in timezone: ClinicTimeZone) -> Instant? {
            let date =
                isPersian
                ? PersianCalendar.day(year: year, month: month, day: day) : Day(year: year, month: month, day: day)
            guard let date else { return nil }
            let hour = isAfternoon.map { self.hour % 12 + ($0 ? 12 : 0) } ?? self.hour
            let start: Int64
            if let offset {
                start = (Int64(date.daysSinceEpoch) * 86_400 + Int64(hour * 3600 - offset)) * 1_000_000
            } else {
                start = timezone.instant(on: date, hour: hour).microseconds
            }
            return Instant(microseconds: start + Int64(minute * 60 + second) * 1_000_000 + Int64(microsecond))
        }
    }
}

extension DatePattern.Part {
    /// What a pattern has at most once.
    fileprivate var kind: Character? {
        switch self {
        case .year: "y"
        case .month, .monthName: "M"
        case .day: "d"
        case .hour: "h"
        case .halfDay: "a"
        case .minute: "m"
        case .second: "s"
        case .fraction: "S"
        case .offset: "X"
        case .literal, .serialNumber: nil
        }
    }
}

extension DigitScanner {
    /// Which half of the day a text names; `nil` where it names none.
    fileprivate mutating func isAfternoon() -> Bool? {
        for (text, isAfternoon) in [
            ("am", false), ("pm", true), ("a.m.", false), ("p.m.", true), ("ق.ظ", false), ("ب.ظ", true), ("صبح", false),
            ("عصر", true),
        ] where take(text: text) {
            return isAfternoon
        }
        return nil
    }

    /// The month of an English name, long or short: 1…12.
    fileprivate mutating func englishMonth() -> Int? {
        let names = [
            "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
            "november",
            "december",
        ]
        for (index, name) in names.enumerated() {
            if take(text: name) { return index + 1 }
            if name == "september", take(text: "sept") { return 9 }
            if take(text: String(name.prefix(3))) { return index + 1 }
        }
        return nil
    }

    /// Seconds east of UTC: `Z`, `+03:30`, `+0330` or `+03`.
    fileprivate mutating func offset() -> Int? {
        if take("Z") || take("z") { return 0 }
        let isEast = take("+")
        guard isEast || take("-"), let hours = number(digits: 2), hours <= 23 else { return nil }
        let hasMinutes = take(":") || !isAtEnd
        guard hasMinutes else { return (isEast ? 1 : -1) * hours * 3600 }
        guard let minutes = number(digits: 2), minutes <= 59 else { return nil }
        return (isEast ? 1 : -1) * (hours * 3600 + minutes * 60)
    }
}
