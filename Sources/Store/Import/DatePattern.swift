import Domain

/// A form in which another program writes dates, such as `M/d/yyyy` or `yyyy-MM-dd HH:mm`.
///
/// `yyyy`, `MM`, `dd`, `HH`, `mm` and `ss` stand for that many digits, `M`, `d` and `H` for one or two; anything that is
/// no letter stands for itself.
struct DatePattern: Sendable {
    private enum Part: Sendable {
        case year
        case month(isShort: Bool)
        case day(isShort: Bool)
        case hour(isShort: Bool)
        case minute
        case second
        case literal(Unicode.Scalar)
    }

    private var parts: [Part] = []
    private var hasTime = false

    /// `nil` where the pattern has no year, month and day, or letters that mean nothing.
    init?(_ pattern: String) {
        var rest = Substring(pattern)
        var seen = ""
        while let letter = rest.first {
            let run = rest.prefix { $0 == letter }
            guard letter.isLetter else {
                guard let scalar = letter.unicodeScalars.first, scalar.isASCII else { return nil }
                parts.append(.literal(scalar))
                rest.removeFirst()
                continue
            }
            switch run {
            case "yyyy": parts.append(.year)
            case "MM", "M": parts.append(.month(isShort: run == "M"))
            case "dd", "d": parts.append(.day(isShort: run == "d"))
            case "HH", "H":
                parts.append(.hour(isShort: run == "H"))
                hasTime = true
            case "mm": parts.append(.minute)
            case "ss": parts.append(.second)
            default: return nil
            }
            seen.append(letter)
            rest.removeFirst(run.count)
        }
        guard Set(seen).count == seen.count, Set("yMd").isSubset(of: seen) else { return nil }
    }

    /// The instant that a text names, on the clocks of `timezone`; a date without a time means noon.
    func instant(of bytes: UnsafeRawBufferPointer, in timezone: ClinicTimeZone) -> Instant? {
        var scanner = DigitScanner(bytes)
        var (year, month, day, hour, minute, second) = (0, 0, 0, hasTime ? 0 : 12, 0, 0)
        for part in parts {
            switch part {
            case .literal(let scalar):
                guard scanner.take(scalar) else { return nil }
            case .year:
                guard let number = scanner.number(digits: 4) else { return nil }
                year = number
            case .month(let isShort):
                guard let number = isShort ? scanner.shortNumber() : scanner.number(digits: 2) else { return nil }
                month = number
            case .day(let isShort):
                guard let number = isShort ? scanner.shortNumber() : scanner.number(digits: 2) else { return nil }
                day = number
            case .hour(let isShort):
                guard let number = isShort ? scanner.shortNumber() : scanner.number(digits: 2), number < 24 else {
                    return nil
                }
                hour = number
            case .minute:
                guard let number = scanner.number(digits: 2), number < 60 else { return nil }
                minute = number
            case .second:
                guard let number = scanner.number(digits: 2), number < 60 else { return nil }
                second = number
            }
        }
        guard scanner.isAtEnd, let date = Day(year: year, month: month, day: day) else { return nil }
        let start = timezone.instant(on: date, hour: hour)
        return Instant(microseconds: start.microseconds + Int64(minute * 60 + second) * 1_000_000)
    }
}
