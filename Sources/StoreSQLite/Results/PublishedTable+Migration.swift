import Domain
import GRDB
import Store

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
        try packedPredictions.take(from: "predictions_rows", db)
        for table in tables { try db.execute(sql: "DROP TABLE \(table)_rows") }
    }

    /// The predictions before the historical evidence was taken out of them.
    private static let packedPredictions = PublishedTable<RecommendationID, CompletePrediction>(
        name: "predictions", key: "recommendation_id")

    /// Takes the historical evidence out of the predictions, which have it in common.
    static func splitPredictions(_ db: GRDB.Database) throws {
        let treatment = try Statement(
            db,
            """
            SELECT h.term_id, c.term_id FROM recommendations r
            JOIN diagnoses d ON d.diagnosis_id = r.diagnosis_id
            JOIN spellings h ON h.spelling_id = r.herb_id
            JOIN spellings c ON c.spelling_id = d.condition_id
            WHERE r.recommendation_id = ?
            """)
        var predictions: [(key: RecommendationID, row: PublishedPrediction, since: Int32)] = []
        // The evidence is at least as old as the oldest prediction that rests on it.
        var evidence: [Subject: (row: HistoricalEvidence, since: Int32)] = [:]
        try packedPredictions.forEach(in: SQLitePublication(db)) { old in
            treatment.bind(old.key.rawValue, at: 1)
            guard try treatment.step() else { return }
            let subject = Subject.treatment(
                herb: TermID(rawValue: treatment.int64(0)), condition: TermID(rawValue: treatment.int64(1)))
            treatment.reset()
            let prediction = old.row.prediction
            let row = PublishedPrediction(prediction, of: subject, lastPublishedScore: old.row.announcedScore)
            predictions.append((old.key, row, old.since))
            let own = HistoricalEvidence(
                basis: prediction.basis, samples: prediction.historicalSamples,
                successes: prediction.historicalSuccesses)
            evidence[subject] = (own, min(old.since, evidence[subject]?.since ?? old.since))
        }
        try db.execute(sql: "DELETE FROM predictions")
        try PublishedTable.predictions.take(predictions, db)
        try PublishedTable.bodies.take(
            evidence.sorted { $0.key < $1.key }.map { ($0.key, $0.value.row, $0.value.since) }, db)
    }
}

extension PublishedTable {
    fileprivate func take(from rows: String, _ db: GRDB.Database) throws {
        let columns = ([key] + Row.columns + ["since"]).joined(separator: ", ")
        let condition = level.map { "WHERE level = \($0.ordinal)" } ?? ""
        let select = try Statement(db, "SELECT \(columns) FROM \(rows) \(condition) ORDER BY \(key)")
        let writer = Writer(self, db)
        while try select.step() {
            guard let key = Key(rawValue: select.int64(0)) else { throw DatabaseError.unknown(name) }
            var columns = ColumnReader(select, from: 1)
            let row = try Row.known(from: &columns, of: name)
            try writer.add(key, row, since: Int32(clamping: columns.int64()))
        }
        try writer.end()
    }

    /// - Parameter rows: by ascending key.
    fileprivate func take(_ rows: [(key: Key, row: Row, since: Int32)], _ db: GRDB.Database) throws {
        let writer = Writer(self, db)
        for (key, row, since) in rows { try writer.add(key, row, since: since) }
        try writer.end()
    }

    /// Writes rows by ascending key.
    private final class Writer {
        private let table: PublishedTable
        private let publication: SQLitePublication
        private var writer = PageWriter()
        private var page: Int64?

        init(_ table: PublishedTable, _ db: GRDB.Database) {
            self.table = table
            publication = SQLitePublication(db)
        }

        func add(_ key: Key, _ row: Row, since: Int32) throws {
            if page != table.page(of: key) {
                try end()
                page = table.page(of: key)
                writer.begin(since: since)
            }
            writer.add(key.rawValue, row, since: since)
        }

        func end() throws {
            if let page { try publication.write(writer.bytes, asPage: page, of: table.name) }
        }
    }
}

extension PublishedTable where Key == RecommendationID, Row == CompletePrediction {
    /// Only a history, of predictions that were superseded before the historical evidence was taken out of them.
    static var completePredictions: Self { Self(name: "complete_predictions", key: "recommendation_id") }
}
