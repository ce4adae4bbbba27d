public import Domain

/// The published predictions, by position of the recommendation.
struct PublishedScores: Sendable {
    private struct Row: Sendable {
        var lastPublishedScore = 0.0
        /// 0 where nothing is published.
        var rank: Int32 = 0
        var similarPatients: Int16 = 0
        var similarSuccesses: Int16 = 0
    }

    private var rows: [Row] = []
    private var evidence: [Subject: HistoricalEvidence] = [:]

    /// Empty.
    init() {}

    init(_ evidence: Keyed<Subject, HistoricalEvidence>, recommendations: Int) {
        self.evidence = Dictionary(uniqueKeysWithValues: zip(evidence.keys, evidence.values))
        rows = [Row](repeating: Row(), count: recommendations)
    }

    /// The historical evidence of a treatment; `nil` where none is published.
    subscript(treatment: Subject) -> HistoricalEvidence? {
        get { evidence[treatment] }
        set { evidence[treatment] = newValue }
    }

    /// The published prediction of a recommendation; `nil` where there is none.
    func row(of recommendation: Int32, in clinic: Clinic) -> PublishedPrediction? {
        guard recommendation < rows.count, rows[Int(recommendation)].rank > 0 else { return nil }
        let row = rows[Int(recommendation)]
        return PublishedPrediction(
            diagnosis: clinic.diagnoses.ids[Int(clinic.recommendations.diagnosis[Int(recommendation)])],
            treatment: clinic.treatment(of: Int(recommendation)), similarPatients: Int32(row.similarPatients),
            similarSuccesses: Int32(row.similarSuccesses), rank: row.rank, lastPublishedScore: row.lastPublishedScore)
    }

    /// Whether the published prediction of a recommendation has an outcome of similar patients.
    func has(_ outcome: SimilarPatients.Outcome, of recommendation: Int32) -> Bool {
        guard recommendation < rows.count, rows[Int(recommendation)].rank > 0 else { return false }
        let row = rows[Int(recommendation)]
        return (Int32(row.similarPatients), Int32(row.similarSuccesses)) == (outcome.patients, outcome.successes)
    }

    mutating func set(_ row: PublishedPrediction?, of recommendation: Int32) {
        while rows.count <= recommendation { rows.append(Row()) }
        rows[Int(recommendation)] =
            row.map {
                Row(
                    lastPublishedScore: $0.lastPublishedScore, rank: $0.rank,
                    similarPatients: Int16($0.similarPatients),
                    similarSuccesses: Int16($0.similarSuccesses))
            } ?? Row()
    }
}

extension IncrementalClinic {
    /// Takes over the published predictions, against which `touched(by:upTo:)` compares.
    public mutating func follow(
        _ predictions: Keyed<RecommendationID, PublishedPrediction>, on evidence: Keyed<Subject, HistoricalEvidence>
    ) {
        published = PublishedScores(evidence, recommendations: clinic.recommendations.ids.count)
        var search = AscendingSearch(in: clinic.recommendations.ids)
        for (recommendation, row) in zip(predictions.keys, predictions.values) {
            if let position = search.position(of: recommendation) { published.set(row, of: Int32(position)) }
        }
        let published = published
        similar.compare { published.has($1, of: $0) }
    }

    /// Takes over results of `touched(by:upTo:)` as published.
    ///
    /// - Parameter isNewest: whether no change was applied since they were computed.
    public mutating func note(published results: TouchedResults, isNewest: Bool) {
        for (treatment, evidence) in results.evidence { published[treatment] = evidence }
        for (recommendation, row) in results.predictions {
            if let position = position(of: recommendation, in: clinic.recommendations.ids) {
                published.set(row, of: position)
            }
        }
        if isNewest { similar.clearChanges() }
    }
}
