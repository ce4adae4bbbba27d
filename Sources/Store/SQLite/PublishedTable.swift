import Domain
import GRDB

/// A result table, or the part of it that one level has, written only where it changed.
///
/// Rows stand in pages of up to 256 neighbouring keys, each packed into few bytes: there are millions of them, and a run writes
/// most. A page begins with the day of most of its rows; each row has its key, how far its day is from that, and its values.
struct PublishedTable<Key: RawRepresentable & Comparable & Sendable, Row: PublishedRow> where Key.RawValue == Int64 {
    /// Name of the table; its history has `_history` after it.
    let name: String
    /// Name of the key column of the history.
    let key: String
    /// The level whose part it is, in a table that holds all levels.
    var level: Level?

    /// What differs between the published rows and those of a run.
    struct Changes {
        /// Positions among the new rows.
        var inserted: [Int] = []
        /// Rows that are replaced, with the position of the new row.
        var replaced: [(old: Old, new: Int)] = []
        /// Rows that are no more.
        var removed: [Old] = []

        var count: Int { inserted.count + replaced.count + removed.count }
    }

    /// A row that is superseded.
    struct Old {
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

    // MARK: Publishing

    /// Makes the rows those of a run, by ascending key: writes what differs, and moves what is superseded to the history.
    func publish(_ rows: Keyed<Key, Row>, asOf: Day, _ db: GRDB.Database) throws -> Changes {
        let batch = 1024
        let select = try Statement(
            db, "SELECT page, rows FROM \(name) WHERE page BETWEEN ? AND ? ORDER BY page LIMIT \(batch)")
        let pageWriter = try PageFile(db, name)
        var changes = Changes()
        var next = 0
        var last = pages.lowerBound - 1
        var isMore = true
        while isMore {
            select.bind(last + 1, at: 1)
            select.bind(pages.upperBound, at: 2)
            // Read before any of them is written, since a query does not bear that.
            var differing: [DifferingPage] = []
            var count = 0
            while try select.step() {
                count += 1
                last = select.int64(0)
                let first = next
                while next < rows.count, page(of: rows.keys[next]) < last { next += 1 }
                let start = next
                while next < rows.count, page(of: rows.keys[next]) == last { next += 1 }
                if first == start, try holds(select.bytes(1), of: last, rows, start..<next) { continue }
                differing.append(DifferingPage(number: last, new: first..<start, rows: start..<next))
                try read(select.bytes(1), of: last, into: &differing[differing.count - 1].olds)
            }
            isMore = count == batch
            for page in differing {
                try publishNew(rows, page.new, asOf: asOf, &changes, pageWriter)
                try publish(
                    page.rows.map { (rows.keys[$0], rows.values[$0]) }, from: page.rows.lowerBound, over: page.olds,
                    page: page.number, asOf: asOf, &changes, pageWriter)
            }
        }
        try publishNew(rows, next..<rows.count, asOf: asOf, &changes, pageWriter)
        try keep(changes.replaced.map(\.old) + changes.removed, until: asOf, db)
        return changes
    }

    /// A page that is to be written.
    private struct DifferingPage {
        let number: Int64
        /// Rows of pages before it, none of which stands yet.
        let new: Range<Int>
        /// Its own.
        let rows: Range<Int>
        /// Those that stand there.
        var olds: [Old] = []
    }

    /// Makes the rows of some keys what they are to be, by ascending key.
    ///
    /// - Returns: the changes, and the rows that they refer to.
    func publish(
        touched rows: [TouchedResults.Row<Key, Row>], asOf: Day, _ db: GRDB.Database
    ) throws -> (Changes, Keyed<Key, Row>) {
        let select = try Statement(db, "SELECT rows FROM \(name) WHERE page = ?")
        let pageWriter = try PageFile(db, name)
        var changes = Changes()
        var kept = Keyed<Key, Row>()
        var rest = rows[...]
        while let first = rest.first {
            let page = page(of: first.key)
            let touched = rest.prefix { self.page(of: $0.key) == page }
            rest = rest.dropFirst(touched.count)
            select.bind(page, at: 1)
            var olds: [Old] = []
            if try select.step() { try read(select.bytes(0), of: page, into: &olds) }
            select.reset()
            // The others of the page stay as they are.
            var whole = Dictionary(uniqueKeysWithValues: olds.map { ($0.key.rawValue, $0.row) })
            for (key, value) in touched { whole[key.rawValue] = value }
            let start = kept.count
            for (key, value) in touched { if let value { kept.append(key, value) } }
            let sorted = whole.sorted { $0.key < $1.key }.compactMap { raw, row in
                Key(rawValue: raw).map { (key: $0, row: row) }
            }
            var own = Changes()
            try publish(sorted, from: 0, over: olds, page: page, asOf: asOf, &own, pageWriter)
            func position(_ index: Int) -> Int {
                start + touched.prefix { $0.key < sorted[index].key }.count { $0.value != nil }
            }
            changes.inserted += own.inserted.map(position)
            changes.replaced += own.replaced.map { ($0.old, position($0.new)) }
            changes.removed += own.removed
        }
        try keep(changes.replaced.map(\.old) + changes.removed, until: asOf, db)
        return (changes, kept)
    }

    /// Writes pages none of which stands yet.
    private func publishNew(
        _ rows: Keyed<Key, Row>, _ range: Range<Int>, asOf: Day, _ changes: inout Changes, _ file: PageFile
    ) throws {
        var next = range.lowerBound
        while next < range.upperBound {
            let page = page(of: rows.keys[next])
            file.begin(since: asOf.daysSinceEpoch)
            while next < range.upperBound, self.page(of: rows.keys[next]) == page {
                file.add(rows.keys[next].rawValue, rows.values[next], since: asOf.daysSinceEpoch)
                changes.inserted.append(next)
                next += 1
            }
            try file.write(page)
        }
    }

    /// Compares a page with what is to stand there, and writes it where it differs.
    private func publish(
        _ rows: [(key: Key, row: Row)], from start: Int, over olds: [Old], page: Int64, asOf: Day,
        _ changes: inout Changes, _ file: PageFile
    ) throws {
        let before = changes.count
        var old = 0
        file.begin(since: olds.first?.since ?? asOf.daysSinceEpoch)
        for (index, (key, row)) in rows.enumerated() {
            while old < olds.count, olds[old].key < key {
                changes.removed.append(olds[old])
                old += 1
            }
            var since = asOf.daysSinceEpoch
            if old < olds.count, olds[old].key == key {
                if olds[old].row == row {
                    since = olds[old].since
                } else {
                    changes.replaced.append((olds[old], start + index))
                }
                old += 1
            } else {
                changes.inserted.append(start + index)
            }
            file.add(key.rawValue, row, since: since)
        }
        changes.removed += olds[old...]
        if changes.count > before { try file.write(page) }
    }

    // MARK: Pages

    /// How many bits of a key tell the rows of a page apart.
    private static var keyBits: Int64 { 8 }

    func page(of key: Key) -> Int64 { pages.lowerBound | key.rawValue >> Self.keyBits }

    /// The numbers that pages of the level can have.
    private var pages: ClosedRange<Int64> {
        let first = Int64(level?.ordinal ?? 0) << 56
        return first...first | (1 << 56 - 1)
    }

    private func read(_ bytes: UnsafeRawBufferPointer, of page: Int64, into rows: inout [Old]) throws {
        rows.removeAll(keepingCapacity: true)
        try forEachRow(in: bytes, of: page) { row in
            rows.append(row)
            return true
        }
    }

    /// Whether a page holds just these rows, since whenever.
    private func holds(
        _ bytes: UnsafeRawBufferPointer, of page: Int64, _ rows: Keyed<Key, Row>, _ range: Range<Int>
    ) throws -> Bool {
        var next = range.lowerBound
        var isSame = true
        try forEachRow(in: bytes, of: page) { old in
            isSame = next < range.upperBound && rows.keys[next] == old.key && rows.values[next] == old.row
            next += 1
            return isSame
        }
        return isSame && next == range.upperBound
    }

    /// Calls `body` with each row of a page, until it says no.
    @inline(__always)
    private func forEachRow(in bytes: UnsafeRawBufferPointer, of page: Int64, _ body: (Old) -> Bool) throws {
        var reader = PackedReader(bytes)
        let first = (page - pages.lowerBound) << Self.keyBits
        let base = reader.difference()
        while !reader.isAtEnd {
            let key = Key(rawValue: first | Int64(reader.byte()))
            let since = Int32(truncatingIfNeeded: base + reader.difference())
            guard let key, let row = Row(from: &reader), !reader.isBroken else {
                throw DatabaseError.unknown(name)
            }
            guard body(Old(key: key, row: row, since: since)) else { return }
        }
    }

    // MARK: History

    private func keep(_ superseded: [Old], until day: Day, _ db: GRDB.Database) throws {
        guard !superseded.isEmpty else { return }
        let columns = (level == nil ? [] : ["level"]) + [key] + Row.columns + ["since", "until"]
        let places = repeatElement("?", count: columns.count).joined(separator: ", ")
        let insert = try Statement(
            db, "INSERT INTO \(name)_history (\(columns.joined(separator: ", "))) VALUES (\(places))")
        // What was published and superseded on one day held for none.
        for old in superseded where old.since < day.daysSinceEpoch {
            var first: Int32 = 1
            if let level {
                insert.bind(Int64(level.ordinal), at: 1)
                first = 2
            }
            insert.bind(old.key.rawValue, at: first)
            old.row.bind(to: insert, from: first + 1)
            insert.bind(old.since, at: Int32(columns.count - 1))
            insert.bind(day.daysSinceEpoch, at: Int32(columns.count))
            try insert.run()
        }
    }
}

/// Writes the pages of a result table.
final class PageFile {
    private let upsert: Statement
    private let delete: Statement
    private var page = PackedWriter()
    private var base: Int32 = 0
    private var isEmpty = true

    init(_ db: GRDB.Database, _ table: String) throws {
        upsert = try Statement(
            db, "INSERT INTO \(table) (page, rows) VALUES (?, ?) ON CONFLICT (page) DO UPDATE SET rows = excluded.rows")
        delete = try Statement(db, "DELETE FROM \(table) WHERE page = ?")
    }

    /// Begins a page whose rows are mostly of a day.
    func begin(since: Int32) {
        base = since
        isEmpty = true
        page.removeAll()
        page.append(difference: Int64(since))
    }

    @inline(__always)
    func add(_ key: Int64, _ row: some PublishedRow, since: Int32) {
        isEmpty = false
        page.append(UInt8(truncatingIfNeeded: key))
        page.append(difference: Int64(since - base))
        row.write(to: &page)
    }

    /// Puts what was added in the place of the page; without rows there is none.
    func write(_ number: Int64) throws {
        let statement = isEmpty ? delete : upsert
        statement.bind(number, at: 1)
        if !isEmpty { statement.bind(page.bytes, at: 2) }
        try statement.run()
    }
}

extension PublishedTable where Key == Subject, Row == WindowTallies {
    static func effectiveness(_ level: Level) -> Self {
        Self(name: "effectiveness", key: "subject", level: level)
    }
}

extension PublishedTable where Key == Subject, Row == Trend {
    static func trends(_ level: Level) -> Self {
        Self(name: "trends", key: "subject", level: level)
    }
}

extension PublishedTable where Key == Subject, Row == Cohort {
    static var cohorts: Self { Self(name: "cohorts", key: "subject") }
}

extension PublishedTable where Key == RecommendationID, Row == PublishedPrediction {
    static var predictions: Self { Self(name: "predictions", key: "recommendation_id") }
}

extension PublishedTable where Key == Subject, Row == HistoricalBody {
    static var bodies: Self { Self(name: "bodies", key: "treatment") }
}

extension PublishedPrediction {
    /// The place of a recommendation in its ranking.
    ///
    /// - Throws: where there is no body of cases of its treatment, without which nothing is predicted.
    func place(of recommendation: RecommendationID, on body: HistoricalBody?) throws -> RankedRecommendation {
        guard let body else {
            throw DatabaseError(
                resultCode: .SQLITE_CORRUPT, message: "bodies lacks the treatment \(treatment.rawValue)")
        }
        return RankedRecommendation(
            recommendation: recommendation, herb: treatment.herb, prediction: prediction(on: body))
    }
}
