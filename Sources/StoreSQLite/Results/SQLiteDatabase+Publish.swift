public import Domain
import GRDB
public import Store

extension SQLiteDatabase {
    /// Writes what a run changed, with its deltas and the superseded rows, in one transaction.
    public func publish(
        _ results: Results, of directory: RecommendationDirectory, version: ClinicVersion, run: RunID, at now: Instant
    ) throws -> Publication {
        try publishing { db in
            var publisher = Publisher(
                db: db, results: results, directory: directory, version: version, run: run, now: now)
            return try publisher.publish()
        }
    }

    /// Publishes in one transaction, and notifies followers where it wrote deltas.
    func publishing(_ body: (GRDB.Database) throws -> Publication) throws -> Publication {
        let publication = try write(body)
        if publication.deltas > 0 { signal.raise() }
        return publication
    }
}

/// One publication.
private struct Publisher {
    let db: GRDB.Database
    let results: Results
    let directory: RecommendationDirectory
    let version: ClinicVersion
    let run: RunID
    let now: Instant
    var publication = Publication()
    var deltas = DeltaCollector()

    mutating func publish() throws -> Publication {
        let tables = PublicationTables(db: db)
        try tables.writeNames(results.herbs.sorted + results.conditions.sorted)
        func note(_ stage: Stage) throws {
            try tables.note(stage, run: run, asOf: results.asOf, version: version)
        }
        if let effectiveness = results.effectiveness {
            for level in Level.allCases {
                try publishTallies(effectiveness.tallies[level] ?? Keyed(), at: level)
            }
            try tables.writePriors(effectiveness.priors)
            try note(.effectiveness)
        }
        if let trends = results.trends {
            for level in Level.allCases {
                _ = try publish(trends[level] ?? Keyed(), in: .trends(level), of: .trends)
            }
            try note(.trends)
        }
        if let cohorts = results.cohorts {
            _ = try publish(cohorts, in: .cohorts, of: .cohorts)
            try note(.cohorts)
        }
        if let scores = results.scores {
            try publish(scores)
            try note(.scores)
        }
        if let view = results.patientView { try publish(view) }
        publication.deltas = try deltas.write(db, run: run, at: now)
        return publication
    }

    private mutating func publish<Key, Row>(
        _ rows: Keyed<Key, Row>, in table: PublishedTable<Key, Row>, of stage: Stage
    ) throws -> PublishedTable<Key, Row>.Changes {
        let changes = try table.publish(rows, asOf: results.asOf, db)
        publication.rowsWritten[stage, default: 0] += changes.count
        return changes
    }

    private mutating func publishTallies(_ tallies: Keyed<Subject, WindowTallies>, at level: Level) throws {
        let changes = try publish(tallies, in: .effectiveness(level), of: .effectiveness)
        guard level == .recommendation else { return }
        var lookup = directory.lookup()
        deltas.take(changes, to: tallies) { lookup.diagnosis(of: $0) }
    }

    private mutating func publish(_ scores: Results.Scores) throws {
        _ = try publish(scores.evidence, in: .bodies, of: .scores)
        var lookup = directory.lookup()
        let announcements = Announcements(
            from: try PublishedTable.predictions.read(db), to: scores.predictions
        ) { recommendation in
            // Predictions are of recommendations in the directory.
            lookup.treatment(of: recommendation) ?? .all
        }
        _ = try publish(announcements.rows, in: .predictions, of: .scores)
        let (rows, told) = (announcements.rows, announcements.told)
        deltas.take(rankings: announcements.diagnoses, told.count) { number in
            let position = told[number]
            return RankedRecommendation(
                recommendation: rows.keys[position], herb: rows.values[position].treatment.herb,
                prediction: scores.predictions.values[position])
        }
    }
}

extension Publisher {
    /// Replaces what patients see, which its history has by the days on which they saw it, and announces each ranking that differs to its patient.
    private mutating func publish(_ view: PatientView) throws {
        let changes = try PublishedTable.patientPredictions.publish(view.predictions, asOf: view.day, db)
        try PatientViewWriter(db: db).note(
            PatientPublication(day: view.day, asOf: results.asOf, publishedAt: now))
        var lookup = directory.lookup()
        let keys = view.predictions.keys
        let changed =
            changes.inserted.map { keys[$0] } + changes.replaced.map(\.old.key) + changes.removed.map(\.key)
        let diagnoses = Set(changed.sorted().compactMap { lookup.diagnosis(of: $0) })
        var places: [(diagnosis: DiagnosisID, place: PatientPlace)] = []
        for (recommendation, prediction) in zip(keys, view.predictions.values) where !diagnoses.isEmpty {
            guard let diagnosis = lookup.diagnosis(of: recommendation), diagnoses.contains(diagnosis) else { continue }
            places.append((diagnosis, PatientPlace(recommendation: recommendation, prediction: prediction)))
        }
        places.sort { ($0.diagnosis, $0.place.prediction.rank) < ($1.diagnosis, $1.place.prediction.rank) }
        deltas.take(patientRankings: diagnoses.sorted(), places: places)
    }
}

/// What stands beside the result tables.
struct PublicationTables {
    let db: GRDB.Database

    /// Which day and run the stage's results are of, from now on.
    func note(_ stage: Stage, run: RunID, asOf: Day, version: ClinicVersion) throws {
        try db.execute(
            sql: """
                INSERT INTO publications (stage, run_id, as_of, last_import, last_entry) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (stage) DO UPDATE SET run_id = excluded.run_id, as_of = excluded.as_of,
                    last_import = excluded.last_import, last_entry = excluded.last_entry
                """,
            arguments: [stage.rawValue, run.rawValue, asOf.daysSinceEpoch, version.lastImport, version.lastEntry])
    }

    func writeNames(_ names: [(term: TermID, name: String)]) throws {
        let upsert = try Statement(
            db,
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

    func writePriors(_ priors: [Level: [Window: Prior]]) throws {
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
}
