import Domain
import GRDB

extension SQLiteDatabase {
    /// Runs `body` with a reader that sees one publication.
    public func readPublished<Value>(_ body: (any PublishedResults) throws -> Value) throws -> Value {
        try read { try body(SQLitePublishedResults(db: $0)) }
    }

}

/// Reads result tables inside one transaction.
struct SQLitePublishedResults: PublishedResults {
    let db: GRDB.Database

    func origins() throws -> [Stage: PublicationOrigin] {
        let rows = try GRDB.Row.fetchAll(db, sql: "SELECT stage, run_id, as_of FROM publications")
        return Dictionary(
            uniqueKeysWithValues: rows.compactMap { row in
                Stage(rawValue: row["stage"]).map { stage in
                    let asOf = Day(daysSinceEpoch: row["as_of"])
                    return (stage, PublicationOrigin(asOf: asOf, run: RunID(rawValue: row["run_id"])))
                }
            })
    }

    func tallies(at level: Level) throws -> Keyed<Subject, WindowTallies> {
        try PublishedTable.effectiveness(level).read(db)
    }

    func forEachTally(at level: Level, _ body: (Subject, WindowTallies) throws -> Void) throws {
        try PublishedTable.effectiveness(level).forEach(db) { try body($0.key, $0.row) }
    }

    func tallies(at level: Level, of subject: Subject) throws -> WindowTallies? {
        try PublishedTable.effectiveness(level).row(subject, db)
    }

    func trend(at level: Level, of subject: Subject) throws -> Trend? {
        try PublishedTable.trends(level).row(subject, db)
    }

    func ranking(of diagnosis: DiagnosisID) throws -> [RankedRecommendation] {
        try OutboxReader(db: db).state(of: diagnosis).ranking
    }

    func trends(at level: Level) throws -> Keyed<Subject, Trend> {
        try PublishedTable.trends(level).read(db)
    }

    func cohorts() throws -> Keyed<Subject, Cohort> {
        try PublishedTable.cohorts.read(db)
    }

    func predictions() throws -> Keyed<RecommendationID, Prediction> {
        let rows = try PublishedTable.predictions.read(db)
        return Keyed(keys: rows.keys, values: rows.values.map(\.prediction))
    }

    func priors() throws -> [Level: [Window: Prior]] {
        var priors: [Level: [Window: Prior]] = [:]
        for row in try GRDB.Row.fetchAll(db, sql: "SELECT level, window, a, b FROM priors") {
            guard let window = Window(rawValue: row["window"]) else { continue }
            priors[Level.allCases[row["level"]], default: [:]][window] = Prior(a: row["a"], b: row["b"])
        }
        return priors
    }

    func names() throws -> (herbs: TermNames, conditions: TermNames) {
        func names(of kind: TermKind) throws -> TermNames {
            // A term that came after the publication has its key for a name.
            let rows = try GRDB.Row.fetchAll(
                db,
                sql: """
                    SELECT term_id, coalesce(name, key) AS name
                    FROM terms LEFT JOIN published_names USING (term_id) WHERE kind = ?
                    """,
                arguments: [kind.rawValue])
            return TermNames(
                Dictionary(uniqueKeysWithValues: rows.map { (TermID(rawValue: $0["term_id"]), $0["name"]) }))
        }
        return (try names(of: .herb), try names(of: .condition))
    }

    func predictedHerbs() throws -> Keyed<RecommendationID, TermID> {
        let statement = try Statement(
            db,
            """
            SELECT p.recommendation_id, s.term_id
            FROM predictions p
            JOIN recommendations r ON r.recommendation_id = p.recommendation_id
            JOIN spellings s ON s.spelling_id = r.herb_id
            ORDER BY p.recommendation_id
            """)
        var herbs = Keyed<RecommendationID, TermID>()
        while try statement.step() {
            herbs.append(
                RecommendationID(rawValue: statement.int64(0)), TermID(rawValue: statement.int64(1)))
        }
        return herbs
    }

    func run(_ id: RunID) throws -> RunRecord? {
        try RunTable(db: db).run(id)
    }

    func runs(before run: RunID) throws -> [RunRecord] {
        try RunTable(db: db).runs(before: run, limit: .max)
    }

    func caseCount(upTo asOf: Day, in zone: ClinicTimeZone) throws -> Int {
        try CaseReader(db: db, zone: zone, notes: false).count(upTo: asOf)
    }

    func forEachCase(
        from first: Day?, upTo asOf: Day, in zone: ClinicTimeZone, notes: Bool,
        _ body: (FeedbackCase) throws -> Void
    ) throws {
        try CaseReader(db: db, zone: zone, notes: notes).forEach(from: first, upTo: asOf, body)
    }
}
