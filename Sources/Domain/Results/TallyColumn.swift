/// The tallies of many subjects. Most records have no case in the last 90 days, so the tallies of the shorter windows are stored
/// only for those that have one.
@frozen
public struct TallyColumn: ResultColumn, Sendable {
    /// The tallies of the windows of 30 and 90 days.
    @frozen
    public struct Recent: BitwiseCopyable, Sendable {
        @usableFromInline let days30: Tally
        @usableFromInline let days90: Tally

        /// The tallies of these windows; `nil` where both are empty.
        @inlinable
        public init?(_ tallies: WindowTallies) {
            guard tallies.days90 != Tally() || tallies.days30 != Tally() else { return nil }
            days30 = tallies.days30
            days90 = tallies.days90
        }
    }

    @usableFromInline var all: [Tally] = []
    /// The index of each in `recent`; -1 where it has none.
    @usableFromInline var recentIndices: [Int32] = []
    @usableFromInline var recent: [Recent] = []

    /// No tallies.
    public init() {}

    /// Tallies in columns.
    ///
    /// - Parameters:
    ///   - all: the tallies of all days.
    ///   - recentIndices: for each of them the index in `recent`; -1 where the other windows are empty.
    public init(all: [Tally], recentIndices: [Int32], recent: [Recent]) {
        precondition(all.count == recentIndices.count, "each has one index")
        self.all = all
        self.recentIndices = recentIndices
        self.recent = recent
    }

    /// 0.
    @inlinable public var startIndex: Int { 0 }
    /// How many there are.
    @inlinable public var endIndex: Int { all.count }

    /// The tallies at a position.
    @inlinable
    public subscript(position: Int) -> WindowTallies {
        var tallies = WindowTallies()
        tallies.all = all[position]
        let index = Int(recentIndices[position])
        if index >= 0 {
            tallies.days30 = recent[index].days30
            tallies.days90 = recent[index].days90
        }
        return tallies
    }

    /// Reserves capacity for a total number of tallies.
    public mutating func reserveCapacity(_ count: Int) {
        all.reserveCapacity(count)
        recentIndices.reserveCapacity(count)
    }

    /// Appends tallies.
    @inlinable
    public mutating func append(_ tallies: WindowTallies) {
        all.append(tallies.all)
        if let own = Recent(tallies) {
            recentIndices.append(Int32(recent.count))
            recent.append(own)
        } else {
            recentIndices.append(-1)
        }
    }

    /// Appends tallies.
    public mutating func append(contentsOf others: Self) {
        all += others.all
        let first = Int32(recent.count)
        recentIndices += others.recentIndices.lazy.map { $0 < 0 ? -1 : $0 + first }
        recent += others.recent
    }
}

extension TallyColumn: Equatable {
    /// Whether both have the same tallies in the same order.
    public static func == (left: Self, right: Self) -> Bool { left.elementsEqual(right) }
}

extension WindowTallies: ResultRow {
    /// Compact, since most have no case in the last 90 days.
    public typealias Column = TallyColumn
}
