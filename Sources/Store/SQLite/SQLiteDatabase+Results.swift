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

    func herb(_ term: TermID) throws -> String {
        try String.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT coalesce(n.name, t.key) FROM terms t LEFT JOIN published_names n ON n.term_id = t.term_id
                    WHERE t.term_id = ?
                    """), arguments: [term.rawValue]) ?? ""
    }

    func isCurrent(_ diagnosis: DiagnosisID) throws -> Bool {
        let statement = try db.cachedStatement(
            sql: """
                WITH seen AS (SELECT last_import AS id FROM publications WHERE stage = ?1)
                SELECT NOT EXISTS (
                    SELECT 1 FROM diagnoses d JOIN patients p ON p.patient_id = d.patient_id, seen
                    WHERE d.diagnosis_id = ?2 AND (d.import_id > seen.id OR p.import_id > seen.id))
                AND NOT EXISTS (
                    SELECT 1 FROM recommendations r, seen WHERE r.diagnosis_id = ?2 AND r.import_id > seen.id)
                AND NOT EXISTS (
                    SELECT 1 FROM recommendations r JOIN feedback f ON f.recommendation_id = r.recommendation_id, seen
                    WHERE r.diagnosis_id = ?2 AND f.import_id > seen.id)
                """)
        return try Bool.fetchOne(statement, arguments: [Stage.scores.rawValue, diagnosis.rawValue]) ?? false
    }

    func pastPredictions(of diagnosis: DiagnosisID) throws -> [PastPrediction] {
        let recommendations = try RecommendationID.fetchAll(of: diagnosis, db)
        let statement = try Statement(
            db,
            """
            SELECT since, until, \(AnnouncedPrediction.columns.joined(separator: ", "))
            FROM predictions_history WHERE recommendation_id = ? ORDER BY since, until
            """)
        let current = try PublishedTable.predictions.olds(recommendations, db)
        var past: [PastPrediction] = []
        for recommendation in recommendations {
            statement.bind(recommendation.rawValue, at: 1)
            while try statement.step() {
                guard let row = AnnouncedPrediction(row: statement, from: 2) else {
                    throw DatabaseError(
                        resultCode: .SQLITE_CORRUPT, message: "predictions_history holds what is not known")
                }
                past.append(
                    PastPrediction(
                        recommendation: recommendation, prediction: row.prediction,
                        since: Day(daysSinceEpoch: statement.int32(0)), until: Day(daysSinceEpoch: statement.int32(1))))
            }
            for now in current where now.key == recommendation {
                past.append(
                    PastPrediction(
                        recommendation: recommendation, prediction: now.row.prediction,
                        since: Day(daysSinceEpoch: now.since), until: nil))
            }
        }
        return past
    }

    func newestPublicBlock() throws -> Int64 {
        try Int64.fetchOne(db, sql: "SELECT max(block_id) FROM public_blocks") ?? 0
    }

    func publicBlocks() throws -> [PublicBlock] {
        try PublicBlockTable(db: db).read()
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
            SELECT s.term_id FROM recommendations r JOIN spellings s ON s.spelling_id = r.herb_id
            WHERE r.recommendation_id = ?
            """)
        var herbs = Keyed<RecommendationID, TermID>()
        try PublishedTable.predictions.forEach(db) { prediction in
            statement.bind(prediction.key.rawValue, at: 1)
            guard try statement.step() else { return }
            herbs.append(prediction.key, TermID(rawValue: statement.int64(0)))
            statement.reset()
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

extension RecommendationID {
    /// The recommendations of a diagnosis, ascending.
    fileprivate static func fetchAll(of diagnosis: DiagnosisID, _ db: GRDB.Database) throws -> [Self] {
        try Int64.fetchAll(
            db.cachedStatement(
                sql: "SELECT recommendation_id FROM recommendations WHERE diagnosis_id = ? ORDER BY recommendation_id"),
            arguments: [diagnosis.rawValue]
        ).map { Self(rawValue: $0) }
    }
}
