/// A point in time, to the microsecond, in UTC.
@frozen
public struct Instant: Hashable, Comparable, Sendable {
    /// Microseconds since 1970-01-01T00:00:00Z.
    public var microseconds: Int64

    /// The instant that lies `microseconds` after 1970-01-01T00:00:00Z.
    @inlinable
    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// The instant that lies whole seconds after 1970-01-01T00:00:00Z.
    public init(seconds: Int64) {
        microseconds = seconds * 1_000_000
    }

    /// The earlier instant comes first.
    @inlinable
    public static func < (left: Self, right: Self) -> Bool {
        left.microseconds < right.microseconds
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down.
    public var seconds: Int64 {
        let (quotient, remainder) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        return remainder < 0 ? quotient - 1 : quotient
    }
}

extension Instant {
    /// The earliest instant that a record may have. Earlier ones are dates of another calendar that were taken for Gregorian
    /// ones.
    package static let earliest = Instant(seconds: -2_208_988_800)

    /// Whether it is more than a day later than `now`, as no clock that is set right anywhere would show.
    package func isInFuture(at now: Instant) -> Bool {
        microseconds > now.microseconds + 86_400_000_000
    }
}

extension Instant: CustomStringConvertible {
    /// RFC 3339 in UTC, such as `2026-10-20T21:30:00Z`, with a fraction only where there is one.
    public var description: String {
        let wholeSeconds = seconds
        let fraction = Int(microseconds - wholeSeconds * 1_000_000)
        var days = wholeSeconds / 86_400
        var rest = Int(wholeSeconds - days * 86_400)
        if rest < 0 {
            days -= 1
            rest += 86_400
        }
        let clock = "\(padded(rest / 3600, to: 2)):\(padded(rest / 60 % 60, to: 2)):\(padded(rest % 60, to: 2))"
        let decimals = fraction == 0 ? "" : "." + padded(fraction, to: 6)
        return "\(Day(daysSinceEpoch: Int32(days)))T\(clock)\(decimals)Z"
    }
}

extension Instant {
    /// Reads an RFC 3339 date-time such as `2026-10-20T21:30:00.5+03:30`; `nil` for anything else.
    ///
    /// Digits beyond the microsecond are dropped. A leap second counts as the first second of the next minute.
    public init?(rfc3339 text: some StringProtocol) {
        var text = String(text)
        guard let instant = text.withUTF8({ Self(rfc3339: UnsafeRawBufferPointer($0)) }) else { return nil }
        self = instant
    }

    /// Reads an RFC 3339 date-time from its bytes.
    public init?(rfc3339 bytes: UnsafeRawBufferPointer) {
        var scanner = DigitScanner(bytes)
        guard let year = scanner.number(digits: 4), scanner.take("-"),
            let month = scanner.number(digits: 2), scanner.take("-"),
            let day = scanner.number(digits: 2), scanner.take("T") || scanner.take("t"),
            let hour = scanner.number(digits: 2), hour <= 23, scanner.take(":"),
            let minute = scanner.number(digits: 2), minute <= 59, scanner.take(":"),
            let second = scanner.number(digits: 2), second <= 60,
            let date = Day(year: year, month: month, day: day)
        else { return nil }
        var fraction = 0
        if scanner.take(".") {
            guard let parsed = scanner.fraction(digits: 6) else { return nil }
            fraction = parsed
        }
        var offset = 0
        if !(scanner.take("Z") || scanner.take("z")) {
            let isEast = scanner.take("+")
            guard isEast || scanner.take("-"),
                let hours = scanner.number(digits: 2), hours <= 23, scanner.take(":"),
                let minutes = scanner.number(digits: 2), minutes <= 59
            else { return nil }
            offset = (hours * 3600 + minutes * 60) * (isEast ? 1 : -1)
        }
        guard scanner.isAtEnd else { return nil }
        let seconds = Int(date.daysSinceEpoch) * 86_400 + hour * 3600 + minute * 60 + second - offset
        microseconds = Int64(seconds) * 1_000_000 + Int64(fraction)
    }
}
