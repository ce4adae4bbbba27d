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

    /// A finder for a clinic's zone.
    public init(zone: ClinicTimeZone) {
        self.zone = zone
    }

    /// The calendar date of an instant.
    public mutating func day(of instant: Instant) -> Day {
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
        return Day(instant, offset: offset == Self.changing ? zone.offset(at: instant) : Int(offset))
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
