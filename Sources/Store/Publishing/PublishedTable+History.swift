package import Domain

/// What was published from one run to another.
package struct PastRow<Row> {
    package let row: Row
    package let since: Day
    /// `nil` for what is published now.
    package let until: Day?

    /// The days on which another held as well; `nil` where there is none.
    func common<Other>(with other: PastRow<Other>) -> (since: Day, until: Day?)? {
        let since = max(since, other.since)
        let until = [until, other.until].compactMap { $0 }.min()
        if let until, until <= since { return nil }
        return (since, until)
    }
}

extension PublishedTable {
    /// Appends the rows that a publication of a day supersedes to the history.
    func keep(_ changes: Changes, until day: Day, in transaction: any PublicationTransaction) throws {
        // What was published and superseded on one day held for none.
        let past = (changes.replaced.map(\.old) + changes.removed).filter { $0.since < day.daysSinceEpoch }
        guard !past.isEmpty else { return }
        let columns = (level == nil ? [] : ["level"]) + [key] + Row.columns + ["since", "until"]
        try transaction.appendHistory(of: name, columns: columns, count: past.count) { index, sink in
            let old = past[index]
            var columns = ColumnWriter(sink)
            if let level { columns.append(Int64(level.ordinal)) }
            columns.append(old.key.rawValue)
            old.row.write(to: &columns)
            columns.append(old.since)
            columns.append(day.daysSinceEpoch)
        }
    }

    /// The superseded rows of a key, the earliest first. Only for tables without levels.
    package func superseded(_ key: Key, in pages: any PublishedPages) throws -> [PastRow<Row>] {
        var rows: [PastRow<Row>] = []
        try pages.forEachHistoryRow(of: name, columns: Row.columns, where: self.key, is: key.rawValue) {
            var columns = ColumnReader($0)
            rows.append(PastRow(row: try .known(from: &columns, of: "\(name)_history"), since: $1, until: $2))
        }
        return rows
    }

    /// The rows that a key had from the first run to now.
    func past(_ key: Key, in pages: any PublishedPages) throws -> [PastRow<Row>] {
        try superseded(key, in: pages)
            + olds([key], in: pages).map {
                PastRow(row: $0.row, since: Day(daysSinceEpoch: $0.since), until: nil)
            }
    }
}
