/// The tallies of many subjects. Of most records no case lies in the last 90 days, so what stands in these windows is kept only
/// of those of which some does.
@frozen
public struct TallyColumn: ResultColumn, Sendable {
    /// What stands in the windows that do not hold all days.
    @frozen
    public struct Recent: BitwiseCopyable, Sendable {
        @usableFromInline let days30: Tally
        @usableFromInline let days90: Tally

        /// What stands there; `nil` where nothing does.
        @inlinable
        public init?(_ tallies: WindowTallies) {
            guard tallies.days90 != Tally() || tallies.days30 != Tally() else { return nil }
            days30 = tallies.days30
            days90 = tallies.days90
        }
    }

    @usableFromInline var all: [Tally] = []
    /// The place of each in `recent`; -1 where it has none.
    @usableFromInline var places: [Int32] = []
    @usableFromInline var recent: [Recent] = []

    /// No tallies.
    public init() {}

    /// Tallies by their parts.
    ///
    /// - Parameters:
    ///   - all: those of all days.
    ///   - places: for each of them the place in `recent`; -1 where nothing stands in the other windows.
    public init(all: [Tally], places: [Int32], recent: [Recent]) {
        precondition(all.count == places.count, "each has one place or none")
        self.all = all
        self.places = places
        self.recent = recent
    }

    /// 0.
    @inlinable public var startIndex: Int { 0 }
    /// How many there are.
    @inlinable public var endIndex: Int { all.count }

    /// Those at a position.
    @inlinable
    public subscript(position: Int) -> WindowTallies {
        var tallies = WindowTallies()
        tallies.all = all[position]
        let place = Int(places[position])
        if place >= 0 {
            tallies.days30 = recent[place].days30
            tallies.days90 = recent[place].days90
        }
        return tallies
    }

    /// Makes room for tallies that will be appended.
    public mutating func reserveCapacity(_ count: Int) {
        all.reserveCapacity(count)
        places.reserveCapacity(count)
    }

    /// Adds tallies after all others.
    @inlinable
    public mutating func append(_ tallies: WindowTallies) {
        all.append(tallies.all)
        if let own = Recent(tallies) {
            places.append(Int32(recent.count))
            recent.append(own)
        } else {
            places.append(-1)
        }
    }

    /// Adds tallies after all others.
    public mutating func append(contentsOf others: Self) {
        all += others.all
        let first = Int32(recent.count)
        places += others.places.lazy.map { $0 < 0 ? -1 : $0 + first }
        recent += others.recent
    }
}

extension TallyColumn: Equatable {
    /// Whether both hold the same, wherever it is kept.
    public static func == (left: Self, right: Self) -> Bool { left.elementsEqual(right) }
}

extension WindowTallies: ResultRow {
    /// Most have nothing in the last 90 days.
    public typealias Column = TallyColumn
}
