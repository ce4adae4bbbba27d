import Domain
import GRDB
import Statistics
import Store

/// A result table, or the part of it that one level has, written only where it changed.
///
/// Rows stand in pages of up to 256 neighbouring keys, each packed into few bytes: there are millions of them, and a run writes
/// most. A page begins with the day of most of its rows; each row has its key, how far its day is from that, and its values.
struct PublishedTable<Key: RawRepresentable & Comparable & Hashable & Sendable, Row: PublishedRow>: Sendable
where Key.RawValue == Int64 {
    /// Name of the table; its history has `_history` after it.
    let name: String
    /// Name of the key column of the history.
    let key: String
    /// The level whose part it is, in a table that holds all levels.
    var level: Level?
    /// The greatest key that a row can have.
    var lastKey = Int64.max

    /// What differs between the published rows and those of a run.
    struct Changes: Sendable {
        /// Positions among the new rows.
        var inserted: [Int] = []
        /// Rows that are replaced, with the position of the new row.
        var replaced: [(old: Old, new: Int)] = []
        /// Rows that are no more.
        var removed: [Old] = []

        var count: Int { inserted.count + replaced.count + removed.count }

        static func += (left: inout Self, right: Self) {
            left.inserted += right.inserted
            left.replaced += right.replaced
            left.removed += right.removed
        }
    }

    /// A row that is superseded.
    struct Old: Sendable {
        var key: Key
        var row: Row
        /// As-of day of the run that wrote it.
        var since: Int32
    }

    /// All rows.
    func read(_ db: GRDB.Database) throws -> Keyed<Key, Row> {
        var rows = Keyed<Key, Row>()
        try forEach(db) { rows.append($0.key, $0.row) }
        return rows
    }

    /// Calls `body` with all rows, by ascending key.
    func forEach(_ db: GRDB.Database, _ body: (Old) throws -> Void) throws {
        let statement = try Statement(db, "SELECT page, rows FROM \(name) WHERE page BETWEEN ? AND ? ORDER BY page")
        statement.bind(pages.lowerBound, at: 1)
        statement.bind(pages.upperBound, at: 2)
        var rows: [Old] = []
        while try statement.step() {
            try read(statement.bytes(1), of: statement.int64(0), into: &rows)
            for row in rows { try body(row) }
        }
    }

    /// The rows of ascending keys that have one.
    func olds(_ keys: [Key], _ db: GRDB.Database) throws -> [Old] {
        let statement = try Statement(db, "SELECT rows FROM \(name) WHERE page = ?")
        var found: [Old] = []
        var page: Int64?
        var rows: [Old] = []
        for key in keys {
            if page != self.page(of: key) {
                page = self.page(of: key)
                rows = []
                statement.bind(self.page(of: key), at: 1)
                if try statement.step() { try read(statement.bytes(0), of: self.page(of: key), into: &rows) }
                statement.reset()
            }
            if let row = rows.first(where: { $0.key == key }) { found.append(row) }
        }
        return found
    }

    /// The row of a key; `nil` where there is none.
    func row(_ key: Key, _ db: GRDB.Database) throws -> Row? { try olds([key], db).first?.row }

    // MARK: Pages

    /// How many bits of a key tell the rows of a page apart.
    private static var keyBits: Int64 { 8 }

    func page(of key: Key) -> Int64 { pages.lowerBound | key.rawValue >> Self.keyBits }

    /// The numbers that pages of the level can have.
    var pages: ClosedRange<Int64> {
        let first = Int64(level?.ordinal ?? 0) << 56
        return first...first | (1 << 56 - 1)
    }

    func read(_ bytes: UnsafeRawBufferPointer, of page: Int64, into rows: inout [Old]) throws {
        rows.removeAll(keepingCapacity: true)
        try forEachRow(in: bytes, of: page) { row in
            rows.append(row)
            return true
        }
    }

    /// Calls `body` with each row of a page, until it says no.
    @inline(__always)
    func forEachRow(in bytes: UnsafeRawBufferPointer, of page: Int64, _ body: (Old) -> Bool) throws {
        var reader = ByteReader(bytes)
        let first = (page - pages.lowerBound) << Self.keyBits
        let base = reader.difference()
        var last: Int64 = -1
        while !reader.isAtEnd {
            let number = first | Int64(reader.byte())
            let since = Int32(truncatingIfNeeded: base &+ reader.difference())
            guard number > last, number <= lastKey, let key = Key(rawValue: number), let row = Row(from: &reader),
                !reader.isBroken, row.isPossible
            else { throw DatabaseError.unknown(name) }
            last = number
            guard body(Old(key: key, row: row, since: since)) else { return }
        }
    }
}

extension PublishedTable where Key == Subject, Row == WindowTallies {
    static func effectiveness(_ level: Level) -> Self {
        Self(name: "effectiveness", key: "subject", level: level, lastKey: Subject.last(at: level))
    }
}

extension PublishedTable where Key == Subject, Row == Trend {
    static func trends(_ level: Level) -> Self {
        Self(name: "trends", key: "subject", level: level, lastKey: Subject.last(at: level))
    }
}

extension PublishedTable where Key == Subject, Row == Cohort {
    static var cohorts: Self { Self(name: "cohorts", key: "subject", lastKey: Subject.last(at: .cohort)) }
}

extension PublishedTable where Key == RecommendationID, Row == PublishedPrediction {
    static var predictions: Self { Self(name: "predictions", key: "recommendation_id") }
}

extension PublishedTable where Key == Subject, Row == HistoricalEvidence {
    static var bodies: Self { Self(name: "bodies", key: "treatment") }
}

extension PublishedPrediction {
    /// The place of a recommendation in its ranking.
    ///
    /// - Throws: where there is no historical evidence of its treatment, without which nothing is predicted.
    func place(of recommendation: RecommendationID, on evidence: HistoricalEvidence?) throws -> RankedRecommendation {
        guard let evidence else {
            throw DatabaseError(
                resultCode: .SQLITE_CORRUPT, message: "bodies lacks the treatment \(treatment.rawValue)")
        }
        return RankedRecommendation(
            recommendation: recommendation, herb: treatment.herb, prediction: prediction(on: evidence))
    }
}

extension Subject {
    /// The greatest that a level can have: one more mizaj has no name.
    fileprivate static func last(at level: Level) -> Int64 {
        level == .cohort ? Int64(Mizaj.allCases.count) << 60 - 1 : .max
    }
}
