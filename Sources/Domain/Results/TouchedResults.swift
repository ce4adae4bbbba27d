/// What a few changes of the records make of the results: the values of all subjects that they touch.
///
/// Together with the results that were published before them, this is what a run would publish now.
public struct TouchedResults: Sendable {
    /// A value of a key; `nil` where it has none any more.
    public typealias Row<Key, Value> = (key: Key, value: Value?)

    /// The last day that the computation saw.
    public var asOf: Day
    /// Up to where that is all that was written.
    public var version: ClinicVersion
    /// Tallies by level, by ascending subject.
    public var tallies: [Level: [Row<Subject, WindowTallies>]] = [:]
    /// Priors of all levels.
    public var priors: [Level: [Window: Prior]] = [:]
    /// Trends by level, by ascending subject.
    public var trends: [Level: [Row<Subject, Trend>]] = [:]
    /// Cohorts, by ascending subject.
    public var cohorts: [Row<Subject, Cohort>] = []
    /// The historical evidence of predictions, by ascending treatment.
    public var evidence: [Row<Subject, HistoricalEvidence>] = []
    /// What is published of predictions, by ascending recommendation.
    public var predictions: [Row<RecommendationID, PublishedPrediction>] = []
    /// The diagnoses whose rankings live clients are told.
    public var ranked: Set<DiagnosisID> = []
    /// The places of those rankings, in any order; a diagnosis that is no longer active has none.
    public var places: [RankedRecommendation] = []
    /// The diagnoses of the recommendations whose tallies are given.
    public var diagnoses: [RecommendationID: DiagnosisID] = [:]
    /// Displayed spellings of the herbs and conditions.
    public var names: [(term: TermID, name: String)] = []

    /// Nothing touched yet.
    public init(asOf: Day, version: ClinicVersion) {
        self.asOf = asOf
        self.version = version
    }
}
