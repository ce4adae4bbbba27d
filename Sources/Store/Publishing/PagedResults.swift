public import Domain
import Statistics

/// Published results that are read from pages. An engine that gives the pages gets all methods that only read them.
public protocol PagedResults {
    /// The pages, which the results are as of the moment of.
    var pages: any PublishedPages { get }
}

extension PublishedResults where Self: PagedResults {
    /// Tallies of a level.
    public func tallies(at level: Level) throws -> Keyed<Subject, WindowTallies> {
        try PublishedTable.effectiveness(level).read(in: pages)
    }

    /// Calls `body` with the tallies of a level one by one, by ascending subject, without holding all of them.
    public func forEachTally(at level: Level, _ body: (Subject, WindowTallies) throws -> Void) throws {
        try PublishedTable.effectiveness(level).forEach(in: pages) { try body($0.key, $0.row) }
    }

    /// Tallies of one subject; `nil` where it has no case.
    public func tallies(at level: Level, of subject: Subject) throws -> WindowTallies? {
        try PublishedTable.effectiveness(level).row(subject, in: pages)
    }

    /// Trends of a level.
    public func trends(at level: Level) throws -> Keyed<Subject, Trend> {
        try PublishedTable.trends(level).read(in: pages)
    }

    /// Trend of one subject; `nil` where it has no case in the last 90 days.
    public func trend(at level: Level, of subject: Subject) throws -> Trend? {
        try PublishedTable.trends(level).row(subject, in: pages)
    }

    /// Cohorts.
    public func cohorts() throws -> Keyed<Subject, Cohort> { try PublishedTable.cohorts.read(in: pages) }

    /// Predictions with the scores that live clients last received, and the historical evidence of their treatments.
    public func publishedPredictions() throws -> (
        predictions: Keyed<RecommendationID, PublishedPrediction>, evidence: Keyed<Subject, HistoricalEvidence>
    ) {
        (try PublishedTable.predictions.read(in: pages), try PublishedTable.bodies.read(in: pages))
    }

    /// Predictions with the herbs that they are of, by ascending recommendation.
    public func rankedRecommendations() throws -> [RankedRecommendation] {
        let (rows, evidence) = try publishedPredictions()
        return try zip(rows.keys, rows.values).map { try $1.place(of: $0, on: evidence[$1.treatment]) }
    }

    /// The ranking of a diagnosis, best first; empty where it is not active.
    public func ranking(of diagnosis: DiagnosisID) throws -> [RankedRecommendation] {
        try pages.ranking(of: pages.recommendations(of: diagnosis))
    }

    /// The rankings that a recommendation of the diagnosis had, from the first published to the present one.
    public func pastPredictions(of diagnosis: DiagnosisID) throws -> [PastPrediction] {
        try pages.recommendations(of: diagnosis).flatMap(pages.pastPredictions)
    }
}

extension PatientResults where Self: PagedResults {
    /// The ranking of a diagnosis as its patient sees it, best first; empty where it is not active or new.
    public func patientRanking(of diagnosis: DiagnosisID) throws -> [PatientPlace] {
        try pages.patientRanking(of: pages.recommendations(of: diagnosis))
    }

    /// What the patient saw of the recommendations of a diagnosis, by recommendation, from the first day to now.
    public func pastPatientPredictions(of diagnosis: DiagnosisID) throws -> [PastPatientPrediction] {
        try pages.recommendations(of: diagnosis).flatMap { recommendation in
            try PublishedTable.patientPredictions.past(recommendation, in: pages).map {
                PastPatientPrediction(
                    recommendation: recommendation, prediction: $0.row, since: $0.since, until: $0.until)
            }
        }
    }
}

extension PublishedPages {
    /// The ranking of recommendations of one diagnosis, ascending, best first.
    package func ranking(of recommendations: [RecommendationID]) throws -> [RankedRecommendation] {
        try PublishedTable.predictions.olds(recommendations, in: self).map { old in
            try old.row.place(of: old.key, on: try PublishedTable.bodies.row(old.row.treatment, in: self))
        }.sorted { $0.prediction.rank < $1.prediction.rank }
    }

    /// The ranking of recommendations of one diagnosis, ascending, as its patient sees it, best first.
    package func patientRanking(of recommendations: [RecommendationID]) throws -> [PatientPlace] {
        try PublishedTable.patientPredictions.olds(recommendations, in: self).map {
            PatientPlace(recommendation: $0.key, prediction: $0.row)
        }.sorted { $0.prediction.rank < $1.prediction.rank }
    }

    /// What is published of a diagnosis, for staff.
    package func state(of diagnosis: DiagnosisID) throws -> DiagnosisState {
        let recommendations = try recommendations(of: diagnosis)
        var state = DiagnosisState(effectiveness: [:], ranking: .exact(try ranking(of: recommendations)))
        for tallies in try PublishedTable.effectiveness(.recommendation).olds(
            recommendations.map { .recommendation($0) }, in: self)
        {
            state.effectiveness[RecommendationID(rawValue: tallies.key.rawValue)] = WindowCounts(tallies.row)
        }
        return state
    }

    /// The predictions of a recommendation, each from the first to the present one.
    ///
    /// A prediction follows from what similar patients say, which has a history of its own, and from the historical evidence of its
    /// treatment, which has another.
    package func pastPredictions(of recommendation: RecommendationID) throws -> [PastPrediction] {
        var evidence: [Subject: [PastRow<HistoricalEvidence>]] = [:]
        return try PublishedTable.predictions.past(recommendation, in: self).flatMap { prediction in
            let treatment = prediction.row.treatment
            let known = try evidence[treatment] ?? PublishedTable.bodies.past(treatment, in: self)
            evidence[treatment] = known
            return known.compactMap { cases in
                prediction.common(with: cases).map { since, until in
                    PastPrediction(
                        recommendation: recommendation, prediction: prediction.row.prediction(on: cases.row),
                        since: since, until: until)
                }
            }
        }
    }

    /// Reads everything that is published, but not what patients see.
    ///
    /// - Throws: `DamagedData` where some of it is unknown or impossible.
    package func checkResults() throws {
        for level in Level.allCases {
            try PublishedTable.effectiveness(level).forEach(in: self) { _ in }
            try PublishedTable.trends(level).forEach(in: self) { _ in }
        }
        try PublishedTable.cohorts.forEach(in: self) { _ in }
        try PublishedTable.bodies.forEach(in: self) { _ in }
        try PublishedTable.predictions.forEach(in: self) { _ in }
    }

    /// Reads everything that patients see.
    ///
    /// - Throws: `DamagedData` where some of it is unknown or impossible.
    package func checkPatientView() throws {
        try PublishedTable.patientPredictions.forEach(in: self) { _ in }
    }
}

extension PublishedPrediction {
    /// The place of a recommendation in its ranking.
    ///
    /// - Throws: `DamagedData` if its treatment has no historical evidence.
    fileprivate func place(
        of recommendation: RecommendationID, on evidence: HistoricalEvidence?
    ) throws -> RankedRecommendation {
        guard let evidence else { throw DamagedData(reason: "bodies lacks the treatment \(treatment.rawValue)") }
        return RankedRecommendation(
            recommendation: recommendation, herb: treatment.herb, prediction: prediction(on: evidence))
    }
}
