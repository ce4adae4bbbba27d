import Analytics
import Domain
import GRDB
import TestSupport
import Testing

@testable import Store
@testable import StoreSQLite

/// Publishing gives the same on every engine.
@Suite(.timeLimit(.minutes(30))) struct PublicationTests {
    private static let tables = ["effectiveness", "trends", "cohorts", "bodies", "predictions", "patient_predictions"]
    private let last = day("2026-10-20")
    private let now = instant("2026-10-20T12:00:00Z")
    private let folder: TemporaryFolder
    private let database: SQLiteDatabase
    private let records: TestClinic
    /// The clinic as of days on which it is published.
    private let clinics: [Clinic]
    private let run: RunID

    init() throws {
        folder = try TemporaryFolder()
        database = try SQLiteDatabase(path: folder.path("clinic.db"), create: true)
        records = TestClinic.random(7, patients: 60, recommendations: 900, feedback: 2000, until: last)
        try records.write(to: database)
        clinics = try [last - 30, last - 1, last].map { [database] in try database.clinic(asOf: $0, in: .utc) }
        run = try database.beginRun(
            RunStart(
                job: "test", asOf: last, trigger: .manual, startedAt: now, softwareVersion: "", modelVersion: "",
                settings: RunSettings()))
    }

    // MARK: Results

    private func results(of clinic: Clinic, asOf day: Day) async -> Results {
        let linked = LinkedClinic(clinic)
        let effectiveness = effectiveness(of: linked, successRating: .defaultSuccess)
        let scores = await scores(of: linked, tallies: effectiveness.tallies, successRating: .defaultSuccess).scores
        var results = Results(asOf: day, herbs: clinic.herbs.termNames, conditions: clinic.conditions.termNames)
        results.effectiveness = effectiveness
        results.trends = effectiveness.tallies.mapValues { trends(of: $0) }
        results.cohorts = cohorts(of: linked, tallies: effectiveness.tallies[.cohort] ?? Keyed())
        results.scores = scores
        results.patientView = PatientView(
            day: day,
            predictions: Keyed(
                keys: scores.predictions.keys,
                values: scores.predictions.values.map {
                    PatientPrediction(
                        rank: $0.rank, tenths: $0.historicalSamples < 5 ? nil : Int8($0.score * 10), experience: .some,
                        basis: .treatment, similar: $0.similarPatients < 5 ? nil : .few)
                }))
        return results
    }

    /// What differs between rows.
    private func difference<Key: Hashable & Comparable, Row: Equatable>(
        _ old: Keyed<Key, Row>, _ new: Keyed<Key, Row>
    ) -> [TouchedResults.Row<Key, Row>] {
        Set(old.keys).union(new.keys).sorted().filter { old[$0] != new[$0] }.map { (key: $0, value: new[$0]) }
    }

    /// What results change in the published ones, as an incremental computation gives it.
    private func touched(
        by new: Results, after old: Results, in clinic: Clinic, published: any PublishedPages
    ) throws -> TouchedResults {
        var touched = TouchedResults(asOf: new.asOf, version: clinic.version)
        var lookup = clinic.directory.lookup()
        touched.names = new.herbs.sorted + new.conditions.sorted
        touched.priors = new.effectiveness?.priors ?? [:]
        for level in Level.allCases {
            touched.tallies[level] = difference(
                old.effectiveness?.tallies[level] ?? Keyed(), new.effectiveness?.tallies[level] ?? Keyed())
            touched.trends[level] = difference(old.trends?[level] ?? Keyed(), new.trends?[level] ?? Keyed())
        }
        for (subject, _) in touched.tallies[.recommendation] ?? [] {
            let recommendation = RecommendationID(rawValue: subject.rawValue)
            touched.diagnoses[recommendation] = lookup.diagnosis(of: recommendation)
        }
        touched.cohorts = difference(old.cohorts ?? Keyed(), new.cohorts ?? Keyed())
        touched.evidence = difference(old.scores?.evidence ?? Keyed(), new.scores?.evidence ?? Keyed())
        let before = try PublishedTable.predictions.read(in: published)
        let predictions = new.scores?.predictions ?? Keyed()
        lookup = clinic.directory.lookup()
        let announcements = Announcements(from: before, to: predictions) { lookup.treatment(of: $0) ?? .all }
        touched.predictions = difference(before, announcements.rows)
        touched.ranked = Set(announcements.diagnoses)
        touched.places = announcements.told.map { position in
            RankedRecommendation(
                recommendation: predictions.keys[position], herb: announcements.rows.values[position].treatment.herb,
                prediction: predictions.values[position])
        }
        return touched
    }

    // MARK: Publications

    /// Publishes twice in full, and a third time in full or what is touched.
    private func publish(_ results: [Results], touched: Bool, to store: any PublicationTransaction) throws
        -> [Publication]
    {
        try (0..<3).map { index in
            if index == 2, touched {
                let touched = try self.touched(
                    by: results[2], after: results[1], in: clinics[2], published: store)
                return try store.publish(touched, run: run, at: now)
            }
            return try store.publish(
                results[index], of: clinics[index].directory, version: clinics[index].version, run: run, at: now)
        }
    }

    private func publish(touched: Bool) async throws -> (InMemoryPublication, [Publication], [Results]) {
        var results = [await results(of: clinics[0], asOf: last - 30)]
        results.append(await self.results(of: clinics[1], asOf: last - 1))
        results.append(await self.results(of: clinics[2], asOf: last))
        // Triggers leave the patients' view as it is.
        results[2].patientView = nil
        let memory = InMemoryPublication(of: records.recommendations)
        let publications = try publish(results, touched: touched, to: memory)
        #expect(publications.allSatisfy { $0.rows > 0 && $0.deltas > 0 })
        #expect(publications[0].deltas > 1024, "the deltas are enough for batches")
        return (memory, publications, results)
    }

    private func outbox(_ db: GRDB.Database) throws -> [DeltaRow] {
        let rows = try Statement(
            db, "SELECT seq, run_id, diagnosis_id, last_diagnosis_id, batch, at, type FROM deltas ORDER BY seq")
        var outbox: [DeltaRow] = []
        while try rows.step() {
            outbox.append(
                DeltaRow(
                    sequence: rows.int64(0), run: RunID(rawValue: rows.int64(1)),
                    first: DiagnosisID(rawValue: rows.int64(2)),
                    last: rows.optional(3) { DiagnosisID(rawValue: rows.int64($0)) }, bytes: Array(rows.bytes(4)),
                    at: try rows.instant(5), kind: try #require(rows.text(6).flatMap(DeltaRow.Kind.init))))
        }
        return outbox
    }

    private func history(of table: String, _ db: GRDB.Database) throws -> [[String: InMemoryPublication.Value]] {
        try GRDB.Row.fetchAll(db, sql: "SELECT * FROM \(table)_history ORDER BY rowid").map { row in
            let values = row.map { column, value -> (String, InMemoryPublication.Value) in
                switch value.storage {
                case .null, .blob: (column, .null)
                case .int64(let number): (column, .integer(number))
                case .double(let number): (column, .real(number))
                case .string(let text): (column, .text(text))
                }
            }
            return Dictionary(uniqueKeysWithValues: values)
        }
    }

    @Test("an engine stores the same pages, histories and deltas as memory", arguments: [false, true])
    func engine(touched: Bool) async throws {
        let (memory, publications, results) = try await publish(touched: touched)
        try database.write { db in
            let engine = SQLitePublication(db)
            #expect(try publish(results, touched: touched, to: engine) == publications)
            for table in Self.tables {
                let pages = try engine.pages(of: table, in: 0...Int64.max, limit: .max)
                #expect(Dictionary(uniqueKeysWithValues: pages.map { ($0.page, $0.bytes) }) == memory.tables[table])
                #expect(try history(of: table, db) == memory.histories[table, default: []])
            }
            #expect(try outbox(db) == memory.outbox)
            let reader = SQLitePublishedResults(db: db)
            #expect(try reader.priors() == memory.priors)
            #expect(try reader.origins() == memory.origins)
            #expect(try reader.patientPublication() == memory.patientPublication)
            for diagnosis in records.diagnoses.map(\.id) {
                #expect(try reader.pastPredictions(of: diagnosis) == past(of: diagnosis, in: memory))
                #expect(try engine.state(of: diagnosis) == memory.state(of: diagnosis))
                let recommendations = memory.recommendations(of: diagnosis)
                #expect(
                    try engine.patientRanking(of: recommendations) == memory.patientRanking(of: recommendations))
            }
        }
    }

    private func past(of diagnosis: DiagnosisID, in memory: InMemoryPublication) throws -> [PastPrediction] {
        try memory.recommendations(of: diagnosis).flatMap(memory.pastPredictions)
    }

    @Test("what is touched gives the same pages, histories and deltas as all results")
    func touched() async throws {
        let (all, publications, _) = try await publish(touched: false)
        let (touched, others, _) = try await publish(touched: true)
        #expect(publications == others)
        #expect(all.tables == touched.tables)
        #expect(all.histories == touched.histories)
        #expect(all.outbox == touched.outbox)
        #expect(all.names == touched.names && all.priors == touched.priors)
        #expect(all.origins == touched.origins && all.versions == touched.versions)
    }
}
