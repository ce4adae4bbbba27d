import Domain
import GRDB
import Store

/// A row of a query. A damaged database may hold anything: what is read by these is of a kind that this program writes, else an
/// error is thrown.
protocol QueryRow {
    associatedtype Column
    /// The whole number in a column; `nil` where it is empty.
    func integer(_ column: Column) throws -> Int64?
    /// What a column is called.
    func name(of column: Column) -> String
}

extension QueryRow {
    func instant(_ column: Column) throws -> Instant { try known(column, required(column), Instant.init(stored:)) }

    func day(_ column: Column) throws -> Day { try known(column, required(column), Day.init(stored:)) }

    /// `nil` where none was given.
    func rating(_ column: Column) throws -> Rating? {
        try integer(column).map { try known(column, $0) { Rating(Int($0)) } }
    }

    /// `nil` where none was given.
    func compliance(_ column: Column) throws -> Compliance? {
        try integer(column).map { try known(column, $0, Compliance.init(billionths:)) }
    }

    private func required(_ column: Column) throws -> Int64 {
        guard let number = try integer(column) else { throw DatabaseError.unknown(name(of: column)) }
        return number
    }

    private func known<Value>(_ column: Column, _ number: Int64, _ value: (Int64) -> Value?) throws -> Value {
        guard let value = value(number) else { throw DatabaseError.unknown(name(of: column)) }
        return value
    }
}

extension Statement: QueryRow {
    func integer(_ column: Int32) -> Int64? { isNull(column) ? nil : int64(column) }
}

extension GRDB.Row: QueryRow {
    /// The value of a column; its subscript would trap where that is of another kind.
    func known<Value: DatabaseValueConvertible & StatementColumnConvertible>(_ column: String) throws -> Value {
        guard let value = try? decode(Value.self, forColumn: column) else { throw DatabaseError.unknown(column) }
        return value
    }

    func integer(_ column: String) throws -> Int64? { try known(column) }

    func name(of column: String) -> String { column }
}

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
