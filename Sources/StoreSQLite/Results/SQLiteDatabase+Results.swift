import Domain
import GRDB
public import Store

extension SQLiteDatabase {
    /// Runs `body` with a reader that sees one publication.
    public func readPublished<Value>(_ body: (any PublishedResults) throws -> Value) throws -> Value {
        try read { try body(SQLitePublishedResults(db: $0)) }
    }
}

/// Reads result tables inside one transaction.
struct SQLitePublishedResults: PublishedResults, PagedResults {
    let db: GRDB.Database
    let pages: any PublishedPages

    init(db: GRDB.Database) {
        self.db = db
        pages = SQLitePublication(db)
    }

    func patientPublication() throws -> PatientPublication? { try PatientResultsReader(db: db).patientPublication() }

    func origins() throws -> [Stage: PublicationOrigin] {
        let rows = try GRDB.Row.fetchAll(db, sql: "SELECT stage, run_id, as_of FROM publications")
        return Dictionary(
            uniqueKeysWithValues: try rows.compactMap { row in
                try Stage(rawValue: row.known("stage")).map { stage in
                    (
                        stage,
                        PublicationOrigin(asOf: try row.day("as_of"), run: RunID(rawValue: try row.known("run_id")))
                    )
                }
            })
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
        try pages.recommendations(of: diagnosis).flatMap { recommendation in
            // Those that were published before the evidence was kept apart come first.
            try PublishedTable.completePredictions.superseded(recommendation, in: pages).map {
                PastPrediction(
                    recommendation: recommendation, prediction: $0.row.prediction, since: $0.since, until: $0.until)
            } + pages.pastPredictions(of: recommendation)
        }
    }

    func priors() throws -> [Level: [Window: Prior]] {
        var priors: [Level: [Window: Prior]] = [:]
        for row in try GRDB.Row.fetchAll(db, sql: "SELECT level, window, a, b FROM priors") {
            guard let window = Window(rawValue: try row.known("window")) else { continue }
            let level: Int = try row.known("level")
            guard Level.allCases.indices.contains(level) else { throw DatabaseError.unknown("priors") }
            priors[Level.allCases[level], default: [:]][window] = Prior(a: try row.known("a"), b: try row.known("b"))
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
                Dictionary(
                    uniqueKeysWithValues: try rows.map {
                        (TermID(rawValue: try $0.known("term_id")), try $0.known("name"))
                    }
                ))
        }
        return (try names(of: .herb), try names(of: .condition))
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
