import Domain
import GRDB

/// Packs result tables that have a row for each subject into pages.
enum ResultPages {
    static func migrate(_ db: GRDB.Database) throws {
        let tables = ["effectiveness", "trends", "cohorts", "predictions"]
        for table in tables {
            try db.execute(
                sql: """
                    ALTER TABLE \(table) RENAME TO \(table)_rows;
                    -- Rows of up to 256 neighbouring keys, packed; a page's number is the level and the keys' high bits.
                    CREATE TABLE \(table) (page INTEGER PRIMARY KEY, rows BLOB NOT NULL) STRICT;
                    """)
        }
        for level in Level.allCases {
            try PublishedTable.effectiveness(level).take(from: "effectiveness_rows", db)
            try PublishedTable.trends(level).take(from: "trends_rows", db)
        }
        try PublishedTable.cohorts.take(from: "cohorts_rows", db)
        try PublishedTable.predictions.take(from: "predictions_rows", db)
        for table in tables { try db.execute(sql: "DROP TABLE \(table)_rows") }
    }
}

extension PublishedTable {
    fileprivate func take(from rows: String, _ db: GRDB.Database) throws {
        let columns = ([key] + Row.columns + ["since"]).joined(separator: ", ")
        let condition = level.map { "WHERE level = \($0.ordinal)" } ?? ""
        let select = try Statement(db, "SELECT \(columns) FROM \(rows) \(condition) ORDER BY \(key)")
        let file = try PageFile(db, name)
        var page: Int64?
        while try select.step() {
            guard let key = Key(rawValue: select.int64(0)), let row = Row(row: select, from: 1) else {
                throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "\(name) holds what is not known")
            }
            let since = select.int32(Int32(Row.columns.count + 1))
            if page != self.page(of: key) {
                if let page { try file.write(page) }
                page = self.page(of: key)
                file.begin(since: since)
            }
            file.add(key.rawValue, row, since: since)
        }
        if let page { try file.write(page) }
    }
}
