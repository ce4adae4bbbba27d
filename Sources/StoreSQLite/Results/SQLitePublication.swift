import Domain
import GRDB
import Store

extension Statement: ColumnSink, ColumnSource {}

/// The published results, inside one transaction of a connection.
final class SQLitePublication: PublicationTransaction {
    private let db: GRDB.Database
    private let outbox: DeltaTable
    /// Prepared statements by their text.
    private var statements: [String: Statement] = [:]

    init(_ db: GRDB.Database) {
        self.db = db
        outbox = DeltaTable(db)
    }

    private func statement(_ sql: String) throws -> Statement {
        if let known = statements[sql] { return known }
        let statement = try Statement(db, sql)
        statements[sql] = statement
        return statement
    }

    // MARK: Pages

    func pages(
        of table: String, in numbers: ClosedRange<Int64>, limit: Int
    ) throws -> [(page: Int64, bytes: [UInt8])] {
        let select = try statement("SELECT page, rows FROM \(table) WHERE page BETWEEN ? AND ? ORDER BY page LIMIT ?")
        defer { select.reset() }
        select.bind(numbers.lowerBound, at: 1)
        select.bind(numbers.upperBound, at: 2)
        select.bind(limit, at: 3)
        var pages: [(page: Int64, bytes: [UInt8])] = []
        while try select.step() { pages.append((select.int64(0), Array(select.bytes(1)))) }
        return pages
    }

    func page(_ number: Int64, of table: String) throws -> [UInt8] {
        let select = try statement("SELECT rows FROM \(table) WHERE page = ?")
        defer { select.reset() }
        select.bind(number, at: 1)
        return try select.step() ? Array(select.bytes(0)) : []
    }

    func write(_ bytes: [UInt8], asPage number: Int64, of table: String) throws {
        let write = try statement(
            bytes.isEmpty
                ? "DELETE FROM \(table) WHERE page = ?"
                : """
                INSERT INTO \(table) (page, rows) VALUES (?, ?) ON CONFLICT (page) DO UPDATE SET rows = excluded.rows
                """)
        write.bind(number, at: 1)
        if !bytes.isEmpty { write.bind(bytes, at: 2) }
        try write.run()
    }

    // MARK: History

    func appendHistory(
        of table: String, columns: [String], count: Int, row: (Int, any ColumnSink) throws -> Void
    ) throws {
        let places = repeatElement("?", count: columns.count).joined(separator: ", ")
        let insert = try statement(
            "INSERT INTO \(table)_history (\(columns.joined(separator: ", "))) VALUES (\(places))")
        for index in 0..<count {
            try row(index, insert)
            try insert.run()
        }
    }

    func forEachHistoryRow(
        of table: String, columns: [String], where column: String, is number: Int64,
        _ body: (any ColumnSource, _ since: Day, _ until: Day) throws -> Void
    ) throws {
        let select = try statement(
            """
            SELECT \(columns.joined(separator: ", ")), since, until FROM \(table)_history
            WHERE \(column) = ? ORDER BY since, until
            """)
        defer { select.reset() }
        select.bind(number, at: 1)
        let since = Int32(columns.count)
        while try select.step() { try body(select, select.day(since), select.day(since + 1)) }
    }

    func recommendations(of diagnosis: DiagnosisID) throws -> [RecommendationID] {
        try Int64.fetchAll(
            db.cachedStatement(
                sql: "SELECT recommendation_id FROM recommendations WHERE diagnosis_id = ? ORDER BY recommendation_id"),
            arguments: [diagnosis.rawValue]
        ).map { RecommendationID(rawValue: $0) }
    }

    // MARK: Beside the tables

    func setNames(_ names: [(term: TermID, name: String)]) throws {
        let upsert = try statement(
            """
            INSERT INTO published_names (term_id, name) VALUES (?, ?)
            ON CONFLICT (term_id) DO UPDATE SET name = excluded.name WHERE name <> excluded.name
            """)
        for (term, name) in names {
            upsert.bind(term.rawValue, at: 1)
            upsert.bind(name, at: 2)
            try upsert.run()
        }
    }

    func setPriors(_ priors: [Level: [Window: Prior]]) throws {
        for (level, windows) in priors {
            for (window, prior) in windows {
                try db.cachedStatement(
                    sql: """
                        INSERT INTO priors (level, window, a, b) VALUES (?, ?, ?, ?)
                        ON CONFLICT (level, window) DO UPDATE SET a = excluded.a, b = excluded.b
                        WHERE (a, b) <> (excluded.a, excluded.b)
                        """
                ).execute(arguments: [level.ordinal, window.rawValue, prior.a, prior.b])
            }
        }
    }

    func setOrigin(_ origin: PublicationOrigin, version: ClinicVersion, of stage: Stage) throws {
        try db.execute(
            sql: """
                INSERT INTO publications (stage, run_id, as_of, last_import, last_entry) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (stage) DO UPDATE SET run_id = excluded.run_id, as_of = excluded.as_of,
                    last_import = excluded.last_import, last_entry = excluded.last_entry
                """,
            arguments: [
                stage.rawValue, origin.run.rawValue, origin.asOf.daysSinceEpoch, version.lastImport, version.lastEntry,
            ])
    }

    func setPatientPublication(_ publication: PatientPublication) throws {
        try db.execute(
            sql: """
                INSERT INTO patient_publication (only, day, as_of, published_at) VALUES (1, ?, ?, ?)
                ON CONFLICT (only) DO UPDATE SET day = excluded.day, as_of = excluded.as_of,
                    published_at = excluded.published_at
                """,
            arguments: [
                publication.day.daysSinceEpoch, publication.asOf.daysSinceEpoch, publication.publishedAt.microseconds,
            ])
    }

    // MARK: Outbox

    func latestSequence() throws -> Int64 { try outbox.latestSequence() }

    func append(_ row: DeltaRow) throws { try outbox.append(row) }
}
