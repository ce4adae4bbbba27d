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
                deltas.take(changes, to: rows) { touched.places[$0]?.diagnosis }
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
        let (changes, kept) = try table.publish(touched: rows, asOf: touched.asOf, db)
        publication.rowsWritten[stage, default: 0] += changes.count
        return (changes, kept)
    }

    private mutating func publishPredictions() throws {
        let table = PublishedTable.predictions
        let olds = try table.olds((touched.predictions.keys + touched.unscored).sorted(), db)
        let published = Keyed(keys: olds.map(\.key), values: olds.map(\.row))
        let announcements = Announcements(from: published, to: touched.predictions)
        let rows = zip(announcements.rows.keys, announcements.rows.values).map { (key: $0, value: Optional($1)) }
        let unscored = touched.unscored.map { (key: $0, value: AnnouncedPrediction?.none) }
        _ = try replace((rows + unscored).sorted { $0.key < $1.key }, in: table, of: .scores)
        deltas.take(announcements) { touched.places[$0]?.herb }
    }
}
