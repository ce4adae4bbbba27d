import Domain
import GRDB

// A damaged database may hold anything. What is read by these is of a kind that this program writes, else an error is thrown.

extension Instant {
    /// Those of the years 0…9999 in any zone, which all records have.
    private static let stored: ClosedRange<Int64> = -62_167_392_000_000_000...253_402_473_600_000_000

    /// What is stored; `nil` where no record can have it.
    @inline(__always)
    init?(stored microseconds: Int64) {
        guard Self.stored.contains(microseconds) else { return nil }
        self.init(microseconds: microseconds)
    }
}

extension Day {
    /// What is stored; `nil` where it is not of the years 0…9999.
    init?(stored days: Int64) {
        guard (-719_530...2_932_898).contains(days) else { return nil }
        self.init(daysSinceEpoch: Int32(days))
    }
}

extension GRDB.Row {
    /// The value of a column; its subscript would trap where that is of another kind.
    func known<Value: DatabaseValueConvertible & StatementColumnConvertible>(_ column: String) throws -> Value {
        guard let value = try? decode(Value.self, forColumn: column) else { throw DatabaseError.unknown(column) }
        return value
    }

    func instant(_ column: String) throws -> Instant {
        guard let instant = Instant(stored: try known(column)) else { throw DatabaseError.unknown(column) }
        return instant
    }

    func day(_ column: String) throws -> Day {
        guard let day = Day(stored: try known(column)) else { throw DatabaseError.unknown(column) }
        return day
    }
}

extension Statement {
    func instant(_ column: Int32) throws -> Instant {
        guard let instant = Instant(stored: int64(column)) else { throw DatabaseError.unknown(name(of: column)) }
        return instant
    }

    func day(_ column: Int32) throws -> Day {
        guard let day = Day(stored: int64(column)) else { throw DatabaseError.unknown(name(of: column)) }
        return day
    }
}
