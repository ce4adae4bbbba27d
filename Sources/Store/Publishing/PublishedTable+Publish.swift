import Concurrency
import Domain

/// The rows to publish in a table, by ascending key.
enum NewRows<Key: Comparable & Sendable, Row: ResultRow> {
    /// All rows; others are removed.
    case all(Keyed<Key, Row>)
    /// The rows of some keys; others stay.
    case touched([TouchedResults.Row<Key, Row>])
}

extension PublishedTable {
    /// How many pages one core compares at a time.
    private static var pagesOfPart: Int { 32 }

    /// What differs between the published rows and new ones.
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

    /// A page that is stored already, or that new rows belong to.
    private struct Target: Sendable {
        let page: Int64
        /// The positions of its rows among the new ones.
        let rows: Range<Int>
        /// Its stored bytes; empty where it is not stored.
        let stored: [UInt8]
    }

    /// What a page is to become.
    private struct Draft: Sendable {
        let page: Int64
        /// Its new bytes, none where it is removed; `nil` where it stays.
        var bytes: [UInt8]?
        var changes = Changes()
    }

    /// Writes the rows that differ from the published ones, and appends the superseded ones to the history.
    ///
    /// - Returns: the changes, and the rows that they refer to.
    func publish(
        _ rows: NewRows<Key, Row>, asOf: Day, in transaction: any PublicationTransaction
    ) throws -> (Changes, Keyed<Key, Row>) {
        let (changes, rows) =
            switch rows {
            case .all(let rows): (try replaceAll(by: rows, asOf: asOf, in: transaction), rows)
            case .touched(let rows): try replace(rows, asOf: asOf, in: transaction)
            }
        try keep(changes, until: asOf, in: transaction)
        return (changes, rows)
    }

    private func replaceAll(
        by rows: Keyed<Key, Row>, asOf: Day, in transaction: any PublicationTransaction
    ) throws -> Changes {
        var changes = Changes()
        var next = 0
        var last = pageNumbers.lowerBound - 1
        var isMore = true
        while isMore || next < rows.count {
            let stored = isMore ? try self.stored(after: last, in: transaction) : []
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
                if let bytes = draft.bytes { try transaction.write(bytes, asPage: draft.page, of: name) }
            }
        }
        return changes
    }

    private func replace(
        _ rows: [TouchedResults.Row<Key, Row>], asOf: Day, in transaction: any PublicationTransaction
    ) throws -> (Changes, Keyed<Key, Row>) {
        var writer = PageWriter()
        var changes = Changes()
        var kept = Keyed<Key, Row>()
        var olds: [Old] = []
        var rest = rows[...]
        while let first = rest.first {
            let page = page(of: first.key)
            let touched = rest.prefix { self.page(of: $0.key) == page }
            rest = rest.dropFirst(touched.count)
            try read(transaction.page(page, of: name), of: page, into: &olds)
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
            if let bytes = draft.bytes { try transaction.write(bytes, asPage: page, of: name) }
        }
        return (changes, kept)
    }

    // MARK: Targets

    /// The stored pages and those of the rows from a position on, up to the last stored one or, where no stored page follows, a
    /// batch of those after it.
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
            // Most stay as they are, and need not be taken apart.
            if !target.stored.isEmpty, try holds(target.stored, of: target.page, rows, target.rows) {
                return Draft(page: target.page)
            }
            try read(target.stored, of: target.page, into: &olds)
            return draft(of: target.page, rows, target.rows, over: olds, asOf: asOf, &writer)
        }
    }

    /// Whether a page has exactly these rows, of any days.
    private func holds(
        _ bytes: [UInt8], of page: Int64, _ rows: Keyed<Key, Row>, _ range: Range<Int>
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

    /// Compares the stored rows of a page with those that it is to have.
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
}
