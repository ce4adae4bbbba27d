import Domain
import GRDB

/// A result table, or the part of it that one level has: read whole, written only where it changed.
struct PublishedTable<Key: RawRepresentable & Comparable & Sendable, Row: PublishedRow> where Key.RawValue == Int64 {
    /// Name of the table; its history has `_history` after it.
    let name: String
    /// Name of the key column.
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

    private var keyCondition: String { level.map { "level = \($0.ordinal) AND " } ?? "" }
    private var keyColumns: [String] { (level == nil ? [] : ["level"]) + [key] }

    /// All rows.
    func read(_ db: GRDB.Database) throws -> Keyed<Key, Row> {
        var rows = Keyed<Key, Row>()
        try forEach(db) { rows.append($0.key, $0.row) }
        return rows
    }

    /// The rows of ascending keys that have one.
    func olds(_ keys: [Key], _ db: GRDB.Database) throws -> [Old] {
        let columns = (Row.columns + ["since"]).joined(separator: ", ")
        let statement = try Statement(db, "SELECT \(columns) FROM \(name) WHERE \(keyCondition) \(key) = ?")
        return try keys.compactMap { key in
            statement.bind(key.rawValue, at: 1)
            guard try statement.step() else { return nil }
            defer { statement.reset() }
            guard let row = Row(row: statement, from: 0) else {
                throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "\(name) holds what is not known")
            }
            return Old(key: key, row: row, since: statement.int32(Int32(Row.columns.count)))
        }
    }

    /// The row of a key; `nil` where there is none.
    func row(_ key: Key, _ db: GRDB.Database) throws -> Row? { try olds([key], db).first?.row }

    /// Compares the published rows of some keys with what is to stand there, both by ascending key.
    ///
    /// - Returns: the changes, and the rows that they refer to.
    static func changes(of olds: [Old], to rows: [TouchedResults.Row<Key, Row>]) -> (Changes, Keyed<Key, Row>) {
        var changes = Changes()
        var kept = Keyed<Key, Row>()
        var rest = olds[...]
        for (key, value) in rows {
            let old = rest.first?.key == key ? rest.removeFirst() : nil
            guard let value else {
                if let old { changes.removed.append(old) }
                continue
            }
            kept.append(key, value)
            if let old {
                if old.row != value { changes.replaced.append((old, kept.count - 1)) }
            } else {
                changes.inserted.append(kept.count - 1)
            }
        }
        return (changes, kept)
    }

    /// Calls `body` with all rows, by ascending key.
    func forEach(_ db: GRDB.Database, _ body: (Old) throws -> Void) throws {
        let columns = ([key] + Row.columns + ["since"]).joined(separator: ", ")
        let statement = try Statement(db, "SELECT \(columns) FROM \(name) WHERE \(keyCondition) TRUE ORDER BY \(key)")
        while try statement.step() {
            guard let key = Key(rawValue: statement.int64(0)), let row = Row(row: statement, from: 1) else {
                throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "\(name) holds what is not known")
            }
            try body(Old(key: key, row: row, since: statement.int32(Int32(Row.columns.count + 1))))
        }
    }

    /// Compares the published rows with new ones, both by ascending key.
    func changes(_ db: GRDB.Database, to rows: Keyed<Key, Row>) throws -> Changes {
        var changes = Changes()
        var next = 0
        try forEach(db) { old in
            while next < rows.count, rows.keys[next] < old.key {
                changes.inserted.append(next)
                next += 1
            }
            if next < rows.count, rows.keys[next] == old.key {
                if rows.values[next] != old.row { changes.replaced.append((old, next)) }
                next += 1
            } else {
                changes.removed.append(old)
            }
        }
        changes.inserted.append(contentsOf: next..<rows.count)
        return changes
    }

    /// Writes what changed; superseded rows move to the history.
    func apply(_ changes: Changes, to rows: Keyed<Key, Row>, asOf: Day, _ db: GRDB.Database) throws {
        if !changes.replaced.isEmpty || !changes.removed.isEmpty {
            try keep(changes.replaced.map(\.old) + changes.removed, until: asOf, db)
        }
        if !changes.removed.isEmpty {
            let delete = try Statement(db, "DELETE FROM \(name) WHERE \(keyCondition) \(key) = ?")
            for old in changes.removed {
                delete.bind(old.key.rawValue, at: 1)
                try delete.run()
            }
        }
        if !changes.replaced.isEmpty {
            let columns = Row.columns + ["since"]
            let update = try Statement(
                db,
                """
                UPDATE \(name) SET (\(columns.joined(separator: ", "))) = (\(places(columns.count)))
                WHERE \(keyCondition) \(key) = ?
                """)
            for (_, new) in changes.replaced {
                rows.values[new].bind(to: update, from: 1)
                update.bind(asOf.daysSinceEpoch, at: Int32(columns.count))
                update.bind(rows.keys[new].rawValue, at: Int32(columns.count + 1))
                try update.run()
            }
        }
        let columns = keyColumns + Row.columns + ["since"]
        let insert = try Statement(
            db, "INSERT INTO \(name) (\(columns.joined(separator: ", "))) VALUES (\(places(columns.count)))")
        for new in changes.inserted {
            let first = bindKey(rows.keys[new], to: insert)
            rows.values[new].bind(to: insert, from: first)
            insert.bind(asOf.daysSinceEpoch, at: Int32(columns.count))
            try insert.run()
        }
    }

    private func keep(_ superseded: [Old], until day: Day, _ db: GRDB.Database) throws {
        let columns = keyColumns + Row.columns + ["since", "until"]
        let insert = try Statement(
            db, "INSERT INTO \(name)_history (\(columns.joined(separator: ", "))) VALUES (\(places(columns.count)))")
        // What was published and superseded on one day held for none.
        for old in superseded where old.since < day.daysSinceEpoch {
            let first = bindKey(old.key, to: insert)
            old.row.bind(to: insert, from: first)
            insert.bind(old.since, at: Int32(columns.count - 1))
            insert.bind(day.daysSinceEpoch, at: Int32(columns.count))
            try insert.run()
        }
    }

    /// - Returns: the first parameter after the key.
    private func bindKey(_ key: Key, to statement: Statement) -> Int32 {
        guard let level else {
            statement.bind(key.rawValue, at: 1)
            return 2
        }
        statement.bind(Int64(level.ordinal), at: 1)
        statement.bind(key.rawValue, at: 2)
        return 3
    }

    private func places(_ count: Int) -> String {
        repeatElement("?", count: count).joined(separator: ", ")
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

extension PublishedTable where Key == RecommendationID, Row == AnnouncedPrediction {
    static var predictions: Self { Self(name: "predictions", key: "recommendation_id") }
}
