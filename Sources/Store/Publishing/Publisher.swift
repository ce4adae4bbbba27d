public import Domain

extension PublicationTransaction {
    /// Writes what differs between the published results and those of a run, with its deltas and the superseded rows.
    ///
    /// - Parameters:
    ///   - directory: the diagnosis and treatment of each recommendation that the results name.
    ///   - version: the version of the records that the results were computed from.
    ///   - now: the time that the deltas have.
    public func publish(
        _ results: Results, of directory: RecommendationDirectory, version: ClinicVersion, run: RunID, at now: Instant
    ) throws -> Publication {
        var publisher = Publisher(transaction: self, asOf: results.asOf, version: version, run: run, now: now)
        return try publisher.publish(results, of: directory)
    }

    /// Writes what a few changes of the records make of the published results, with its deltas and the superseded rows.
    public func publish(_ touched: TouchedResults, run: RunID, at now: Instant) throws -> Publication {
        var publisher = Publisher(
            transaction: self, asOf: touched.asOf, version: touched.version, run: run, now: now)
        return try publisher.publish(touched)
    }
}

/// One publication.
private struct Publisher {
    let transaction: any PublicationTransaction
    let asOf: Day
    let version: ClinicVersion
    let run: RunID
    let now: Instant
    var publication = Publication()
    var deltas = DeltaCollector()

    mutating func publish(_ results: Results, of directory: RecommendationDirectory) throws -> Publication {
        try transaction.setNames(results.herbs.sorted + results.conditions.sorted)
        if let effectiveness = results.effectiveness {
            var lookup = directory.lookup()
            try publish(
                tallies: { .all(effectiveness.tallies[$0] ?? Keyed()) }, priors: effectiveness.priors,
                diagnosis: { lookup.diagnosis(of: $0) })
        }
        if let trends = results.trends { try publish(trends: { .all(trends[$0] ?? Keyed()) }) }
        if let cohorts = results.cohorts { try publish(cohorts: .all(cohorts)) }
        if let scores = results.scores { try publish(scores, of: directory) }
        if let view = results.patientView { try publish(view, of: directory) }
        return try finish()
    }

    mutating func publish(_ touched: TouchedResults) throws -> Publication {
        try transaction.setNames(touched.names)
        try publish(
            tallies: { .touched(touched.tallies[$0] ?? []) }, priors: touched.priors,
            diagnosis: { touched.diagnoses[$0] })
        try publish(trends: { .touched(touched.trends[$0] ?? []) })
        try publish(cohorts: .touched(touched.cohorts))
        try publish(evidence: .touched(touched.evidence), predictions: .touched(touched.predictions))
        let places = touched.places
        deltas.take(rankings: touched.ranked.sorted(), places.count) { places[$0] }
        return try finish()
    }

    private mutating func finish() throws -> Publication {
        publication.deltas = try deltas.write(to: transaction, run: run, at: now)
        return publication
    }

    // MARK: Stages

    private mutating func publish(
        tallies: (Level) -> NewRows<Subject, WindowTallies>, priors: [Level: [Window: Prior]],
        diagnosis: (RecommendationID) -> DiagnosisID?
    ) throws {
        for level in Level.allCases {
            let (changes, rows) = try publish(tallies(level), in: .effectiveness(level), of: .effectiveness)
            if level == .recommendation { deltas.take(changes, to: rows, diagnosis: diagnosis) }
        }
        try transaction.setPriors(priors)
        try finish(.effectiveness)
    }

    private mutating func publish(trends: (Level) -> NewRows<Subject, Trend>) throws {
        for level in Level.allCases { _ = try publish(trends(level), in: .trends(level), of: .trends) }
        try finish(.trends)
    }

    private mutating func publish(cohorts: NewRows<Subject, Cohort>) throws {
        _ = try publish(cohorts, in: .cohorts, of: .cohorts)
        try finish(.cohorts)
    }

    private mutating func publish(
        evidence: NewRows<Subject, HistoricalEvidence>, predictions: NewRows<RecommendationID, PublishedPrediction>
    ) throws {
        _ = try publish(evidence, in: .bodies, of: .scores)
        _ = try publish(predictions, in: .predictions, of: .scores)
        try finish(.scores)
    }

    private mutating func publish<Key, Row>(
        _ rows: NewRows<Key, Row>, in table: PublishedTable<Key, Row>, of stage: Stage
    ) throws -> (PublishedTable<Key, Row>.Changes, Keyed<Key, Row>) {
        let (changes, rows) = try table.publish(rows, asOf: asOf, in: transaction)
        publication.rowsWritten[stage, default: 0] += changes.count
        return (changes, rows)
    }

    private func finish(_ stage: Stage) throws {
        try transaction.setOrigin(PublicationOrigin(asOf: asOf, run: run), version: version, of: stage)
    }

    // MARK: Rankings

    private mutating func publish(_ scores: Results.Scores, of directory: RecommendationDirectory) throws {
        var lookup = directory.lookup()
        let announcements = Announcements(
            from: try PublishedTable.predictions.read(in: transaction), to: scores.predictions
        ) { recommendation in
            // Predictions are of recommendations in the directory.
            lookup.treatment(of: recommendation) ?? .all
        }
        let (rows, told) = (announcements.rows, announcements.told)
        try publish(evidence: .all(scores.evidence), predictions: .all(rows))
        deltas.take(rankings: announcements.diagnoses, told.count) { number in
            let position = told[number]
            return RankedRecommendation(
                recommendation: rows.keys[position], herb: rows.values[position].treatment.herb,
                prediction: scores.predictions.values[position])
        }
    }

    /// Replaces what patients see, which its history has by the days on which they saw it, and announces each ranking that differs
    /// to its patient.
    private mutating func publish(_ view: PatientView, of directory: RecommendationDirectory) throws {
        let (changes, rows) = try PublishedTable.patientPredictions.publish(
            .all(view.predictions), asOf: view.day, in: transaction)
        try transaction.setPatientPublication(
            PatientPublication(day: view.day, asOf: asOf, publishedAt: now))
        var lookup = directory.lookup()
        let changed =
            changes.inserted.map { rows.keys[$0] } + changes.replaced.map(\.old.key) + changes.removed.map(\.key)
        let diagnoses = Set(changed.sorted().compactMap { lookup.diagnosis(of: $0) })
        var places: [(diagnosis: DiagnosisID, place: PatientPlace)] = []
        for (recommendation, prediction) in zip(rows.keys, rows.values) where !diagnoses.isEmpty {
            guard let diagnosis = lookup.diagnosis(of: recommendation), diagnoses.contains(diagnosis) else { continue }
            places.append((diagnosis, PatientPlace(recommendation: recommendation, prediction: prediction)))
        }
        places.sort { ($0.diagnosis, $0.place.prediction.rank) < ($1.diagnosis, $1.place.prediction.rank) }
        deltas.take(patientRankings: diagnoses.sorted(), places: places)
    }
}
