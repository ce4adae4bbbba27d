public import Domain
import GRDB

extension SQLiteDatabase {
    /// Writes what a run changed, with its deltas and the superseded rows, in one transaction.
    public func publish(_ results: Results, of clinic: Clinic, run: RunID, at now: Instant) throws -> Publication {
        let publication = try write { db in
            var publisher = Publisher(db: db, results: results, clinic: clinic, run: run, now: now)
            return try publisher.publish()
        }
        if publication.deltas > 0 { signal.raise() }
        return publication
    }
}

/// One publication.
private struct Publisher {
    let db: GRDB.Database
    let results: Results
    let clinic: Clinic
    let run: RunID
    let now: Instant
    var publication = Publication()
    var deltas = DeltaCollector()

    mutating func publish() throws -> Publication {
        try publishNames()
        if let effectiveness = results.effectiveness {
            for level in Level.allCases {
                try publishTallies(effectiveness.tallies[level] ?? Keyed(), at: level)
            }
            try publishPriors(effectiveness.priors)
            try PublicBlockTable(db: db).add(results.publicBlocks, run: run)
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
        if let predictions = results.predictions {
            try publishPredictions(predictions)
            try note(.scores)
        }
        publication.deltas = try deltas.write(db, run: run, at: now)
        return publication
    }

    private mutating func publish<Key, Row>(
        _ rows: Keyed<Key, Row>, in table: PublishedTable<Key, Row>, of stage: Stage
    ) throws -> PublishedTable<Key, Row>.Changes {
        let changes = try table.changes(db, to: rows)
        try table.apply(changes, to: rows, asOf: results.asOf, db)
        publication.rowsWritten[stage, default: 0] += changes.count
        return changes
    }

    /// Which day and run the stage's results are of, from now on.
    private func note(_ stage: Stage) throws {
        try db.execute(
            sql: """
                INSERT INTO publications (stage, run_id, as_of, last_import) VALUES (?, ?, ?, ?)
                ON CONFLICT (stage) DO UPDATE SET
                    run_id = excluded.run_id, as_of = excluded.as_of, last_import = excluded.last_import
                """,
            arguments: [stage.rawValue, run.rawValue, results.asOf.daysSinceEpoch, clinic.version.lastImport])
    }

    private func publishNames() throws {
        let upsert = try Statement(
            db,
            """
            INSERT INTO published_names (term_id, name) VALUES (?, ?)
            ON CONFLICT (term_id) DO UPDATE SET name = excluded.name WHERE name <> excluded.name
            """)
        for (term, name) in results.herbs.sorted + results.conditions.sorted {
            upsert.bind(term.rawValue, at: 1)
            upsert.bind(name, at: 2)
            try upsert.run()
        }
    }

    private func publishPriors(_ priors: [Level: [Window: Prior]]) throws {
        for (level, windows) in priors {
            for (window, prior) in windows {
                try db.execute(
                    sql: """
                        INSERT INTO priors (level, window, a, b) VALUES (?, ?, ?, ?)
                        ON CONFLICT (level, window) DO UPDATE SET a = excluded.a, b = excluded.b
                        WHERE (a, b) <> (excluded.a, excluded.b)
                        """, arguments: [level.ordinal, window.rawValue, prior.a, prior.b])
            }
        }
    }

    // MARK: Effectiveness

    private mutating func publishTallies(_ tallies: Keyed<Subject, WindowTallies>, at level: Level) throws {
        let changes = try publish(tallies, in: .effectiveness(level), of: .effectiveness)
        guard level == .recommendation else { return }
        let places = Keyed(keys: clinic.recommendations.ids, values: clinic.recommendations.diagnosis)
        func tell(_ subject: Subject, old: WindowTallies?, new: WindowTallies?) {
            let (old, new) = (old.map(WindowCounts.init), new.map(WindowCounts.init))
            let recommendation = RecommendationID(rawValue: subject.rawValue)
            guard old != new, let place = places[recommendation] else { return }
            deltas.add(
                .effectiveness(recommendation: recommendation, old: old, new: new),
                to: clinic.diagnoses.ids[Int(place)])
        }
        for new in changes.inserted { tell(tallies.keys[new], old: nil, new: tallies.values[new]) }
        for (old, new) in changes.replaced { tell(old.key, old: old.row, new: tallies.values[new]) }
        for old in changes.removed { tell(old.key, old: old.row, new: nil) }
    }

    // MARK: Predictions

    private mutating func publishPredictions(_ predictions: Keyed<RecommendationID, Prediction>) throws {
        let published = try PublishedTable.predictions.read(db)
        let announcements = Announcements(from: published, to: predictions)
        _ = try publish(announcements.rows, in: .predictions, of: .scores)

        let herbs = Keyed(keys: clinic.recommendations.ids, values: clinic.recommendations.herb)
        var rankings: [DiagnosisID: [RankedRecommendation]] = [:]
        for (recommendation, prediction) in zip(predictions.keys, predictions.values)
        where announcements.diagnoses.contains(prediction.diagnosis) {
            guard let herb = herbs[recommendation] else { continue }
            rankings[prediction.diagnosis, default: []].append(
                RankedRecommendation(
                    recommendation: recommendation, herb: clinic.herbs.terms[Int(herb)], prediction: prediction))
        }
        for diagnosis in announcements.diagnoses {
            let ranking = rankings[diagnosis, default: []].sorted { $0.prediction.rank < $1.prediction.rank }
            deltas.add(.ranking(ranking), to: diagnosis)
        }
    }
}
