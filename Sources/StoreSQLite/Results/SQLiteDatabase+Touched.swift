public import Domain
import GRDB
public import Store

extension SQLiteDatabase {
    /// Up to where the published results rest on what was written, where all stages are of one day; `nil` where they are not.
    public func publishedVersion() throws -> PublishedVersion? {
        try read { db in
            let rows = try GRDB.Row.fetchAll(db, sql: "SELECT * FROM publications")
            let versions = Dictionary(
                uniqueKeysWithValues: try rows.map { row in
                    let clinic = ClinicVersion(
                        lastImport: try row.known("last_import"), lastEntry: try row.known("last_entry"))
                    return (
                        try row.known("stage") as String,
                        PublishedVersion(
                            asOf: try row.day("as_of"), clinic: clinic,
                            scoresRun: RunID(rawValue: try row.known("run_id")))
                    )
                })
            let scores = versions[Stage.scores.rawValue]
            let isWhole = Stage.allCases.filter { $0 != .reports }.allSatisfy { stage in
                let version = versions[stage.rawValue]
                return version?.asOf == scores?.asOf && version?.clinic == scores?.clinic
            }
            return isWhole ? scores : nil
        }
    }

    /// Writes what a few changes made of the published results, with its deltas and the superseded rows, in one transaction.
    public func publish(_ touched: TouchedResults, run: RunID, at now: Instant) throws -> Publication {
        try publishing { db in
            var publisher = TouchedPublisher(db: db, touched: touched, run: run, now: now)
            return try publisher.publish()
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
                deltas.take(changes, to: rows) { touched.diagnoses[$0] }
            }
            _ = try replace(touched.trends[level] ?? [], in: .trends(level), of: .trends)
        }
        _ = try replace(touched.cohorts, in: .cohorts, of: .cohorts)
        _ = try replace(touched.evidence, in: .bodies, of: .scores)
        _ = try replace(touched.predictions, in: .predictions, of: .scores)
        let places = touched.places
        deltas.take(rankings: touched.ranked.sorted(), places.count) { places[$0] }
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
}
