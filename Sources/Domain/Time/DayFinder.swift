/// Finds the clinic's days of many instants: it asks for the offset of each UTC day once and remembers it.
public struct DayFinder: Sendable {
    private static let unasked = Int32.min
    /// Clocks change during that UTC day, so each instant is asked for by itself.
    private static let changing = Int32.max
    private static let microsecondsPerDay: Int64 = 86_400_000_000

    private let zone: ClinicTimeZone
    /// The UTC day that `offsets` begins with.
    private var firstDay: Int64 = 0
    /// Seconds east of UTC by UTC day.
    private var offsets: [Int32] = []
    /// Microseconds of the instants that are known to lie on `lastDay`: most often the next one does, too.
    @usableFromInline var lastInstants: Range<Int64> = 0..<0
    @usableFromInline var lastDay = Day(daysSinceEpoch: 0)

    /// A finder for a clinic's zone.
    public init(zone: ClinicTimeZone) {
        self.zone = zone
    }

    /// The calendar date of an instant.
    @inlinable
    public mutating func day(of instant: Instant) -> Day {
        lastInstants.contains(instant.microseconds) ? lastDay : find(instant)
    }

    @usableFromInline
    mutating func find(_ instant: Instant) -> Day {
        let (quotient, remainder) = instant.microseconds.quotientAndRemainder(dividingBy: Self.microsecondsPerDay)
        let utcDay = remainder < 0 ? quotient - 1 : quotient
        let index = place(of: utcDay)
        if offsets[index] == Self.unasked {
            let midnight = utcDay * 86_400
            let offset = zone.offset(at: Instant(seconds: midnight))
            let isSteady = offset == zone.offset(at: Instant(seconds: midnight + 86_400))
            offsets[index] = isSteady ? Int32(offset) : Self.changing
        }
        let offset = offsets[index]
        guard offset != Self.changing else { return Day(instant, offset: zone.offset(at: instant)) }
        lastDay = Day(instant, offset: Int(offset))
        // What the day and the UTC day have in common.
        let midnight = utcDay * Self.microsecondsPerDay
        let start = Int64(lastDay.daysSinceEpoch) * Self.microsecondsPerDay - Int64(offset) * 1_000_000
        lastInstants = max(midnight, start)..<min(midnight, start) + Self.microsecondsPerDay
        return lastDay
    }

    /// The place of a UTC day in `offsets`, which grows to hold it.
    private mutating func place(of utcDay: Int64) -> Int {
        if offsets.isEmpty { firstDay = utcDay }
        if utcDay < firstDay {
            offsets.insert(contentsOf: repeatElement(Self.unasked, count: Int(firstDay - utcDay)), at: 0)
            firstDay = utcDay
        }
        let index = Int(utcDay - firstDay)
        if index >= offsets.count {
            offsets.append(contentsOf: repeatElement(Self.unasked, count: index - offsets.count + 1))
        }
        return index
    }
}
