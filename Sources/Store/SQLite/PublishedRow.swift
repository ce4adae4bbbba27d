import Domain

/// What a result table holds beside its key.
protocol PublishedRow: Equatable, Sendable {
    /// The columns in the order in which they are bound and read.
    static var columns: [String] { get }
    /// Binds all columns, from a parameter on.
    func bind(to statement: Statement, from first: Int32)
    /// Reads all columns, from a column on; `nil` where one holds what is not known.
    init?(row: Statement, from first: Int32)
}

extension WindowTallies: PublishedRow {
    static let columns = Window.allCases.flatMap { window in
        Tally.columns.map { "\($0)_\(window.rawValue)" }
    }

    func bind(to statement: Statement, from first: Int32) {
        days30.bind(to: statement, from: first)
        days90.bind(to: statement, from: first + Tally.columnCount)
        all.bind(to: statement, from: first + 2 * Tally.columnCount)
    }

    init?(row: Statement, from first: Int32) {
        self.init()
        days30 = Tally(row: row, from: first)
        days90 = Tally(row: row, from: first + Tally.columnCount)
        all = Tally(row: row, from: first + 2 * Tally.columnCount)
    }
}

extension Tally {
    static let columns = [
        "samples", "successes", "rating_sum", "improvements", "improvement_sum", "compliances", "compliance_sum",
    ]
    fileprivate static let columnCount = Int32(columns.count)

    func bind(to statement: Statement, from first: Int32) {
        statement.bind(samples, at: first)
        statement.bind(successes, at: first + 1)
        statement.bind(ratingSum, at: first + 2)
        statement.bind(improvements, at: first + 3)
        statement.bind(improvementSum, at: first + 4)
        statement.bind(compliances, at: first + 5)
        statement.bind(complianceSum, at: first + 6)
    }

    init(row: Statement, from first: Int32) {
        self.init()
        samples = row.int32(first)
        successes = row.int32(first + 1)
        ratingSum = row.int32(first + 2)
        improvements = row.int32(first + 3)
        improvementSum = row.int32(first + 4)
        compliances = row.int32(first + 5)
        complianceSum = row.int64(first + 6)
    }
}

extension Trend: PublishedRow {
    static let columns = [
        "recent_samples", "recent_successes", "baseline_samples", "baseline_successes", "direction", "p_value",
    ]

    func bind(to statement: Statement, from first: Int32) {
        statement.bind(recentSamples, at: first)
        statement.bind(recentSuccesses, at: first + 1)
        statement.bind(baselineSamples, at: first + 2)
        statement.bind(baselineSuccesses, at: first + 3)
        statement.bind(direction.rawValue, at: first + 4)
        statement.bind(pValue, at: first + 5)
    }

    init?(row: Statement, from first: Int32) {
        guard let direction = row.text(first + 4).flatMap(Direction.init) else { return nil }
        self.init(
            recentSamples: row.int32(first), recentSuccesses: row.int32(first + 1),
            baselineSamples: row.int32(first + 2), baselineSuccesses: row.int32(first + 3),
            direction: direction, pValue: row.optional(first + 5, row.double))
    }
}

extension Cohort: PublishedRow {
    static let columns = ["patients", "samples", "successes"]

    func bind(to statement: Statement, from first: Int32) {
        statement.bind(patients, at: first)
        statement.bind(samples, at: first + 1)
        statement.bind(successes, at: first + 2)
    }

    init?(row: Statement, from first: Int32) {
        self.init(patients: row.int32(first), samples: row.int32(first + 1), successes: row.int32(first + 2))
    }
}

/// A prediction with the balanced score that live clients were last told.
struct AnnouncedPrediction: PublishedRow {
    var prediction: Prediction
    var announcedScore: Double

    static let columns = [
        "diagnosis_id", "basis", "historical_samples", "historical_successes", "similar_patients",
        "similar_successes", "score", "confidence", "rank", "announced_score",
    ]

    init(prediction: Prediction, announcedScore: Double) {
        self.prediction = prediction
        self.announcedScore = announcedScore
    }

    func bind(to statement: Statement, from first: Int32) {
        statement.bind(prediction.diagnosis.rawValue, at: first)
        statement.bind(prediction.basis.rawValue, at: first + 1)
        statement.bind(prediction.historicalSamples, at: first + 2)
        statement.bind(prediction.historicalSuccesses, at: first + 3)
        statement.bind(prediction.similarPatients, at: first + 4)
        statement.bind(prediction.similarSuccesses, at: first + 5)
        statement.bind(prediction.score, at: first + 6)
        statement.bind(prediction.confidence, at: first + 7)
        statement.bind(prediction.rank, at: first + 8)
        statement.bind(announcedScore, at: first + 9)
    }

    init?(row: Statement, from first: Int32) {
        guard let basis = row.text(first + 1).flatMap(HistoricalBasis.init) else { return nil }
        prediction = Prediction(
            diagnosis: DiagnosisID(rawValue: row.int64(first)), basis: basis,
            historicalSamples: row.int32(first + 2), historicalSuccesses: row.int32(first + 3),
            similarPatients: row.int32(first + 4), similarSuccesses: row.int32(first + 5),
            score: row.double(first + 6), confidence: row.double(first + 7), rank: row.int32(first + 8))
        announcedScore = row.double(first + 9)
    }
}
