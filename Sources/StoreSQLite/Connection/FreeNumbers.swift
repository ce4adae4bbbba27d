import Domain
import GRDB
import Store

/// No number is left for a new row of a table, whose highest is `id`.
struct NoFreeNumber: Error {
    var table: String
    var id: Int64

    /// Checks that numbers are left after the highest of a table that the engine numbers.
    static func check(after highest: Int64, in table: String) throws {
        guard highest <= PatientID.largest else { throw Self(table: table, id: highest) }
    }
}

/// Gives free ids of records, ascending, up to `Identifier.largest`.
///
/// These are the ids after the highest that is taken. Where the largest ids are taken themselves, such as by a record that got
/// one by mistake, they are the highest free ones below them. Ids above `Identifier.largest` are ignored.
struct FreeNumbers {
    private let db: GRDB.Database
    /// The tables in none of which an id may be taken.
    private let tables: [(name: String, key: String)]
    private var next: Int64 = 1
    /// The last free id from `next` on; before `next` where they are to be looked for.
    private var last: Int64 = 0

    init(_ db: GRDB.Database, in tables: [(name: String, key: String)]) {
        self.db = db
        self.tables = tables
    }

    /// Takes the next free id.
    ///
    /// - Parameter first: the least id to take.
    /// - Throws: `NoFreeNumber`, `DatabaseError`.
    mutating func take(from first: Int64 = 1) throws -> Int64 {
        if next > last { try find() }
        let id = max(next, first)
        guard id <= last else { throw NoFreeNumber(table: tables[0].name, id: last) }
        next = id + 1
        return id
    }

    /// Notes that a record took an id.
    mutating func note(_ id: Int64) {
        if next <= last, next...last ~= id { next = id + 1 }
    }

    /// Finds the highest stretch of free ids.
    private mutating func find() throws {
        var end = PatientID.largest + 1
        while end > 1 {
            let taken = try tables.reduce(Int64(0)) { taken, table in
                let highest = try Int64.fetchOne(
                    db, sql: "SELECT max(\(table.key)) FROM \(table.name) WHERE \(table.key) < ?", arguments: [end])
                return max(taken, highest ?? 0)
            }
            if taken + 1 < end {
                (next, last) = (taken + 1, end - 1)
                return
            }
            end = taken
        }
        throw NoFreeNumber(table: tables[0].name, id: PatientID.largest)
    }
}
