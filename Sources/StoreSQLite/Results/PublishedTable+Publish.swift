import Concurrency
import Domain
import GRDB
import Store

extension PublishedTable {
    /// How many pages are compared in one go.
    private static var pagesOfBatch: Int { 1024 }
    /// How many pages one core compares at a time.
    private static var pagesOfPart: Int { 32 }

    /// A page that rows of a run belong to, or that stands already.
    private struct Target: Sendable {
        let page: Int64
        /// The places of its rows among those of the run.
        let rows: Range<Int>
        /// As it stands; empty where it does not.
        let stored: [UInt8]
    }

    /// What a page is to become.
    private struct Draft: Sendable {
        let page: Int64
        /// Its new bytes, none where it goes; `nil` where it stays.
        var bytes: [UInt8]?
        var changes = Changes()
    }

    /// Makes the rows those of a run, by ascending key: writes what differs, and moves what is superseded to the history.
    func publish(_ rows: Keyed<Key, Row>, asOf: Day, _ db: GRDB.Database) throws -> Changes {
        let file = try PageFile(db, name)
        var changes = Changes()
        var next = 0
        var last = pages.lowerBound - 1
        var isMore = true
        while isMore || next < rows.count {
            // Read before any of them is written, since a query does not bear that.
            let stored = isMore ? try self.stored(after: last, db) : []
            isMore = stored.count == Self.pagesOfBatch
            last = stored.last?.page ?? last
            let targets = targets(among: stored, of: rows, from: &next, isLast: !isMore)
            let parts = (targets.count + Self.pagesOfPart - 1) / Self.pagesOfPart
            let drafts = try concurrently(parts) { part in
                let own = targets[(part * Self.pagesOfPart)...].prefix(Self.pagesOfPart)
                return try self.drafts(of: own, rows, asOf: asOf)
            }
            for draft in drafts.joined() {
                changes += draft.changes
                if let bytes = draft.bytes { try file.write(bytes, as: draft.page) }
            }
        }
        try keep(changes.replaced.map(\.old) + changes.removed, until: asOf, db)
        return changes
    }

    /// Makes the rows of some keys what they are to be, by ascending key.
    ///
    /// - Returns: the changes, and the rows that they refer to.
    func publish(
        touched rows: [TouchedResults.Row<Key, Row>], asOf: Day, _ db: GRDB.Database
    ) throws -> (Changes, Keyed<Key, Row>) {
        let select = try Statement(db, "SELECT rows FROM \(name) WHERE page = ?")
        let file = try PageFile(db, name)
        var writer = PageWriter()
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
            var whole = Dictionary(uniqueKeysWithValues: olds.map { ($0.key, $0.row) })
            for (key, value) in touched { whole[key] = value }
            let sorted = whole.sorted { $0.key < $1.key }
            let start = kept.count
            for (key, value) in touched { if let value { kept.append(key, value) } }
            func position(_ index: Int) -> Int {
                start + touched.prefix { $0.key < sorted[index].key }.count { $0.value != nil }
            }
            let draft = draft(
                of: page, Keyed(keys: sorted.map(\.key), values: sorted.map(\.value)), sorted.indices, over: olds,
                asOf: asOf, &writer)
            changes.inserted += draft.changes.inserted.map(position)
            changes.replaced += draft.changes.replaced.map { ($0.old, position($0.new)) }
            changes.removed += draft.changes.removed
            if let bytes = draft.bytes { try file.write(bytes, as: page) }
        }
        try keep(changes.replaced.map(\.old) + changes.removed, until: asOf, db)
        return (changes, kept)
    }

    // MARK: Targets

    /// The next pages that stand.
    private func stored(after last: Int64, _ db: GRDB.Database) throws -> [(page: Int64, bytes: [UInt8])] {
        let select = try Statement(
            db,
            "SELECT page, rows FROM \(name) WHERE page BETWEEN ? AND ? ORDER BY page LIMIT \(Self.pagesOfBatch)")
        select.bind(last + 1, at: 1)
        select.bind(pages.upperBound, at: 2)
        var stored: [(page: Int64, bytes: [UInt8])] = []
        while try select.step() { stored.append((select.int64(0), Array(select.bytes(1)))) }
        return stored
    }

    /// Those that stand and those of the rows from a place on, up to the last that stands or, where that is the last of
    /// all, a batch of those that follow.
    private func targets(
        among stored: [(page: Int64, bytes: [UInt8])], of rows: Keyed<Key, Row>, from next: inout Int, isLast: Bool
    ) -> [Target] {
        var targets: [Target] = []
        /// The rows of a page.
        func take(_ page: Int64) -> Range<Int> {
            let start = next
            while next < rows.count, self.page(of: rows.keys[next]) == page { next += 1 }
            return start..<next
        }
        func takeFirst() {
            let page = page(of: rows.keys[next])
            targets.append(Target(page: page, rows: take(page), stored: []))
        }
        for (page, bytes) in stored {
            while next < rows.count, self.page(of: rows.keys[next]) < page { takeFirst() }
            targets.append(Target(page: page, rows: take(page), stored: bytes))
        }
        while isLast, next < rows.count, targets.count < Self.pagesOfBatch { takeFirst() }
        return targets
    }

    // MARK: Drafts

    private func drafts(of targets: some Sequence<Target>, _ rows: Keyed<Key, Row>, asOf: Day) throws -> [Draft] {
        var writer = PageWriter()
        var olds: [Old] = []
        return try targets.map { target in
            try target.stored.withUnsafeBytes { stored in
                // Most stay as they are, and need not be taken apart.
                if !stored.isEmpty, try holds(stored, of: target.page, rows, target.rows) {
                    return Draft(page: target.page)
                }
                olds.removeAll(keepingCapacity: true)
                if !stored.isEmpty { try read(stored, of: target.page, into: &olds) }
                return draft(of: target.page, rows, target.rows, over: olds, asOf: asOf, &writer)
            }
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

    /// Compares what stands in a page with the rows that are to stand there.
    private func draft(
        of page: Int64, _ rows: Keyed<Key, Row>, _ range: Range<Int>, over olds: [Old], asOf: Day,
        _ writer: inout PageWriter
    ) -> Draft {
        var draft = Draft(page: page)
        var old = 0
        writer.begin(since: olds.first?.since ?? asOf.daysSinceEpoch)
        for position in range {
            let (key, row) = (rows.keys[position], rows.values[position])
            while old < olds.count, olds[old].key < key {
                draft.changes.removed.append(olds[old])
                old += 1
            }
            var since = asOf.daysSinceEpoch
            if old < olds.count, olds[old].key == key {
                if olds[old].row == row {
                    since = olds[old].since
                } else {
                    draft.changes.replaced.append((olds[old], position))
                }
                old += 1
            } else {
                draft.changes.inserted.append(position)
            }
            writer.add(key.rawValue, row, since: since)
        }
        draft.changes.removed += olds[old...]
        if draft.changes.count > 0 { draft.bytes = range.isEmpty ? [] : writer.bytes }
        return draft
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

/// Packs rows into the bytes of a page.
struct PageWriter {
    private var page = ByteWriter()
    private var base: Int32 = 0

    /// The page with what was added.
    var bytes: [UInt8] { page.bytes }

    /// Begins a page whose rows are mostly of a day.
    mutating func begin(since: Int32) {
        base = since
        page.removeAll()
        page.append(difference: Int64(since))
    }

    @inline(__always)
    mutating func add(_ key: Int64, _ row: some PublishedRow, since: Int32) {
        page.append(UInt8(truncatingIfNeeded: key))
        page.append(difference: Int64(since - base))
        row.write(to: &page)
    }
}

/// Writes the pages of a result table.
struct PageFile {
    private let upsert: Statement
    private let delete: Statement

    init(_ db: GRDB.Database, _ table: String) throws {
        upsert = try Statement(
            db, "INSERT INTO \(table) (page, rows) VALUES (?, ?) ON CONFLICT (page) DO UPDATE SET rows = excluded.rows")
        delete = try Statement(db, "DELETE FROM \(table) WHERE page = ?")
    }

    /// Puts bytes in the place of a page; without any there is none.
    func write(_ bytes: [UInt8], as page: Int64) throws {
        let statement = bytes.isEmpty ? delete : upsert
        statement.bind(page, at: 1)
        if !bytes.isEmpty { statement.bind(bytes, at: 2) }
        try statement.run()
    }
}
