import Foundation

/// The time zone in which the clinic counts its days.
public struct ClinicTimeZone: Hashable, Sendable, CustomStringConvertible {
    /// UTC, the default.
    public static let utc = Self(zone: .gmt, name: "UTC")

    private let zone: TimeZone
    private let name: String

    private init(zone: TimeZone, name: String) {
        self.zone = zone
        self.name = name
    }

    /// A zone by its name in the IANA database, such as `Asia/Tehran`; `nil` where it has no such name.
    public init?(identifier: String) {
        if identifier == "UTC" {
            self = .utc
            return
        }
        // Foundation would also take abbreviations and offsets, which mean different things to different readers.
        guard identifier.contains("/"), let zone = TimeZone(identifier: identifier) else { return nil }
        self.init(zone: zone, name: identifier)
    }

    /// The IANA name.
    public var description: String { name }

    /// Seconds east of UTC at an instant.
    public func offset(at instant: Instant) -> Int {
        zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(instant.seconds)))
    }

    /// What the zone's clocks show at an instant, to the second, as RFC 3339: `2026-10-20T02:15:00+03:30`.
    public func clock(at instant: Instant) -> String {
        let offset = offset(at: instant)
        let shown = Instant(seconds: instant.seconds + Int64(offset)).description.dropLast()  // the Z
        let minutes = abs(offset) / 60
        return "\(shown)\(offset < 0 ? "-" : "+")\(padded(minutes / 60, to: 2)):\(padded(minutes % 60, to: 2))"
    }

    /// The calendar date of an instant. For many instants, a `DayFinder` is faster.
    public func day(of instant: Instant) -> Day {
        Day(instant, offset: offset(at: instant))
    }

    /// The instant at which clocks show `hour`:00 on `day`; where they skip it, the instant an hour later.
    public func instant(on day: Day, hour: Int) -> Instant {
        let local = Int64(day.daysSinceEpoch) * 86_400 + Int64(hour) * 3600
        let guess = local - Int64(offset(at: Instant(seconds: local)))
        return Instant(seconds: local - Int64(offset(at: Instant(seconds: guess))))
    }
}

extension Day {
    /// The date that a clock `offset` seconds east of UTC shows at `instant`.
    @inlinable
    public init(_ instant: Instant, offset: Int) {
        let local = instant.microseconds + Int64(offset) * 1_000_000
        let (quotient, remainder) = local.quotientAndRemainder(dividingBy: 86_400_000_000)
        self.init(daysSinceEpoch: Int32(truncatingIfNeeded: remainder < 0 ? quotient - 1 : quotient))
    }
}
