import Domain
import GRDB
import Store

/// The numbers of a source's records that have no number in its files: of text ids, and of rows.
final class SourceKeys {
    private static let remembered = 100_000

    private let db: GRDB.Database
    private let source: String
    private let find: Statement
    private let insert: Statement
    private let first: Int64
    private var known: [RecordKind: [RecordKey: Int64]] = [:]
    /// Numbers that neither records nor keys have.
    private var free: FreeNumbers
    /// Whether the source had records before it had keys.
    let hasUnkeyedRecords: Bool

    /// - Parameter first: the least number that is given.
    init(_ db: GRDB.Database, source: String, first: Int64) throws {
        self.db = db
        self.source = source
        self.first = first
        let records = [Patient.table, Diagnosis.table, Recommendation.table, Feedback.table]
        free = FreeNumbers(db, in: records + [("record_keys", "number")])
        find = try Statement(db, "SELECT number FROM record_keys WHERE source = ? AND kind = ? AND key = ?")
        insert = try Statement(db, "INSERT INTO record_keys (source, kind, key, number) VALUES (?, ?, ?, ?)")
        hasUnkeyedRecords =
            try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM imports WHERE source = ? AND has_keys = 0)",
                arguments: [source]) ?? false
    }

    /// The number of a key; `nil` where it has none.
    func number(of key: RecordKey, kind: RecordKind) throws -> Int64? {
        if let number = known[kind]?[key] { return number }
        find.bind(source, at: 1)
        find.bind(kind.rawValue, at: 2)
        find.bind(key.bytes, at: 3)
        guard try find.step() else { return nil }
        defer { find.reset() }
        return remember(find.int64(0), of: key, kind)
    }

    /// Gives a key a number: the next that is free, where none is named.
    func give(_ number: Int64?, to key: RecordKey, kind: RecordKind) throws -> Int64 {
        let number = try number ?? free.take(from: first)
        insert.bind(source, at: 1)
        insert.bind(kind.rawValue, at: 2)
        insert.bind(key.bytes, at: 3)
        insert.bind(number, at: 4)
        try insert.run()
        return remember(number, of: key, kind)
    }

    private func remember(_ number: Int64, of key: RecordKey, _ kind: RecordKind) -> Int64 {
        // Rows come once; ids come again and again.
        guard kind != .row else { return number }
        if known[kind, default: [:]].count >= Self.remembered { known[kind] = [:] }
        known[kind, default: [:]][key] = number
        return number
    }
}

extension RecordKey {
    /// As the store compares it.
    fileprivate var bytes: [UInt8] {
        switch self {
        case .number(let number): Array(String(number).utf8)
        case .text(let text): Array(text.utf8)
        case .row(let digest): digest
        }
    }
}

/// The years in which patients may be born of whom only ages are known.
struct BirthYears {
    private let find: Statement
    private let store: Statement

    init(_ db: GRDB.Database) throws {
        find = try Statement(
            db,
            """
            SELECT p.birth_year, r.first_year, r.last_year FROM patients p
            LEFT JOIN birth_year_ranges r ON r.patient_id = p.patient_id WHERE p.patient_id = ?
            """)
        store = try Statement(
            db,
            """
            INSERT INTO birth_year_ranges (patient_id, first_year, last_year) VALUES (?, ?, ?)
            ON CONFLICT (patient_id) DO UPDATE SET first_year = excluded.first_year, last_year = excluded.last_year
            """)
    }

    /// Narrows the years in which a patient may be born to those that are in `years` as well.
    ///
    /// - Returns: the year to store: the stored one where it is still possible, else the nearest to `year`; and whether no
    ///   year is left, so that what is known is kept.
    func narrow(
        _ patient: PatientID, to years: ClosedRange<Int>, preferring year: Int
    ) throws -> (year: Int, isContradicted: Bool) {
        find.bind(patient.rawValue, at: 1)
        var stored: Int?
        var known: ClosedRange<Int>?
        if try find.step() {
            stored = find.optional(0) { Int(find.int64($0)) }
            if let low = find.optional(1, { Int(find.int64($0)) }), case let high = Int(find.int64(2)), low <= high {
                known = low...high
            }
            find.reset()
        }
        if let known, !known.overlaps(years) { return (stored ?? year, true) }
        let left = known.map { years.clamped(to: $0) } ?? years
        if left != known {
            store.bind(patient.rawValue, at: 1)
            store.bind(Int64(left.lowerBound), at: 2)
            store.bind(Int64(left.upperBound), at: 3)
            try store.run()
        }
        if let stored, left.contains(stored) { return (stored, false) }
        return (min(max(year, left.lowerBound), left.upperBound), false)
    }
}
