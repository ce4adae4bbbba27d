public import Domain
import GRDB

extension SQLiteDatabase {
    /// Up to where the published results rest on what was written, where all stages are of one day; `nil` where they are not.
    public func publishedVersion() throws -> (asOf: Day, version: ClinicVersion)? {
        try read { db in
            let rows = try GRDB.Row.fetchAll(db, sql: "SELECT stage, as_of, last_import, last_entry FROM publications")
            let first = rows.first
            let isWhole = Stage.allCases.filter { $0 != .reports }.allSatisfy { stage in
                rows.contains { $0["stage"] == stage.rawValue && $0.hasSameVersion(as: first) }
            }
            guard isWhole, let first else { return nil }
            return (
                Day(daysSinceEpoch: first["as_of"]),
                ClinicVersion(lastImport: first["last_import"], lastEntry: first["last_entry"])
            )
        }
    }

    /// The published predictions of some diagnoses.
    public func publishedPredictions(of diagnoses: [DiagnosisID]) throws -> [RecommendationID: Prediction] {
        try read { db in
            let statement = try Statement(
                db, "SELECT recommendation_id FROM recommendations WHERE diagnosis_id = ? ORDER BY recommendation_id")
            let rows = try PublishedTable.predictions.reader(db)
            var found: [RecommendationID: Prediction] = [:]
            for diagnosis in diagnoses {
                statement.bind(diagnosis.rawValue, at: 1)
                while try statement.step() {
                    let id = RecommendationID(rawValue: statement.int64(0))
                    found[id] = try rows.old(id)?.row.prediction
                }
            }
            return found
        }
    }

    /// Writes what a few changes made of the published results, with its deltas and the superseded rows, in one transaction.
    public func publish(_ touched: TouchedResults, run: RunID, at now: Instant) throws -> Publication {
        let publication = try write { db in
            var publisher = TouchedPublisher(db: db, touched: touched, run: run, now: now)
            return try publisher.publish()
        }
        if publication.deltas > 0 { signal.raise() }
        return publication
    }
}

extension GRDB.Row {
    fileprivate func hasSameVersion(as other: GRDB.Row?) -> Bool {
        ["as_of", "last_import", "last_entry"].allSatisfy { column in
            (self[column] as Int64?) == (other?[column] as Int64?)
        }
    }
}

/// One publication of what a few changes touched.
private struct TouchedPublisher {
    let db: GRDB.Database
    let touched: TouchedResults
    let run: RunID
    let now: Instant
    var publication = Publication()
    var deltas = DeltaCollector()

    mutating func publish() throws -> Publication {
        let tables = PublicationTables(db: db)
        try tables.writeNames(touched.names)
        try tables.writePriors(touched.priors)
        for level in Level.allCases {
            let (changes, rows) = try replace(
                touched.tallies[level] ?? [], in: .effectiveness(level), of: .effectiveness)
            if level == .recommendation {
                deltas.add(changes, to: rows) { touched.places[$0]?.diagnosis }
            }
            _ = try replace(touched.trends[level] ?? [], in: .trends(level), of: .trends)
        }
        _ = try replace(touched.cohorts, in: .cohorts, of: .cohorts)
        try publishPredictions()
        for stage in Stage.allCases where stage != .reports {
            try tables.note(stage, run: run, asOf: touched.asOf, version: touched.version)
        }
        publication.deltas = try deltas.write(db, run: run, at: now)
        return publication
    }

    private mutating func replace<Key, Row>(
        _ rows: [TouchedResults.Row<Key, Row>], in table: PublishedTable<Key, Row>, of stage: Stage
    ) throws -> (PublishedTable<Key, Row>.Changes, Keyed<Key, Row>) {
        let (changes, kept) = try table.changes(db, replacing: rows)
        try table.apply(changes, to: kept, asOf: touched.asOf, db)
        publication.rowsWritten[stage, default: 0] += changes.count
        return (changes, kept)
    }

    private mutating func publishPredictions() throws {
        let reader = try PublishedTable.predictions.reader(db)
        var published = Keyed<RecommendationID, AnnouncedPrediction>()
        for recommendation in (touched.predictions.keys + touched.goneRecommendations).sorted() {
            if let old = try reader.old(recommendation) { published.append(recommendation, old.row) }
        }
        let announcements = Announcements(from: published, to: touched.predictions)
        let rows = zip(announcements.rows.keys, announcements.rows.values).map { (key: $0, value: Optional($1)) }
        let gone = touched.goneRecommendations.map { (key: $0, value: AnnouncedPrediction?.none) }
        _ = try replace((rows + gone).sorted { $0.key < $1.key }, in: .predictions, of: .scores)
        deltas.add(announcements) { touched.places[$0]?.herb }
    }
}
