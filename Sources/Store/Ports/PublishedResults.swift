public import Domain

/// What runs have published and the records it rests on, as of one moment.
public protocol PublishedResults {
    /// Which run the patients' view is from; `nil` before the first.
    func patientPublication() throws -> PatientPublication?
    /// The day that the results of each stage are of, and the run that computed them.
    func origins() throws -> [Stage: PublicationOrigin]
    /// Tallies of a level.
    func tallies(at level: Level) throws -> Keyed<Subject, WindowTallies>
    /// Calls `body` with the tallies of a level one by one, by ascending subject, without holding all of them.
    func forEachTally(at level: Level, _ body: (Subject, WindowTallies) throws -> Void) throws
    /// Tallies of one subject; `nil` where it has no case.
    func tallies(at level: Level, of subject: Subject) throws -> WindowTallies?
    /// Trend of one subject; `nil` where it has no case in the last 90 days.
    func trend(at level: Level, of subject: Subject) throws -> Trend?
    /// The ranking of a diagnosis, best first; empty where it is not active.
    func ranking(of diagnosis: DiagnosisID) throws -> [RankedRecommendation]
    /// The spelling of a herb; its key where none was published.
    func herb(_ term: TermID) throws -> String
    /// Whether the published ranking of a diagnosis rests on all that was written of the diagnosis.
    func isCurrent(_ diagnosis: DiagnosisID) throws -> Bool
    /// The rankings that a recommendation of the diagnosis had, from the first published to the present one.
    func pastPredictions(of diagnosis: DiagnosisID) throws -> [PastPrediction]
    /// Priors of all levels.
    func priors() throws -> [Level: [Window: Prior]]
    /// Trends of a level.
    func trends(at level: Level) throws -> Keyed<Subject, Trend>
    /// Cohorts.
    func cohorts() throws -> Keyed<Subject, Cohort>
    /// Predictions with the scores that live clients last received, and the historical evidence of their treatments.
    func publishedPredictions() throws -> (
        predictions: Keyed<RecommendationID, PublishedPrediction>, evidence: Keyed<Subject, HistoricalEvidence>
    )
    /// Predictions with the herbs that they are of, by ascending recommendation.
    func rankedRecommendations() throws -> [RankedRecommendation]
    /// Spellings of herbs and conditions.
    func names() throws -> (herbs: TermNames, conditions: TermNames)
    /// What is noted of a run; `nil` where there is none of that number.
    func run(_ id: RunID) throws -> RunRecord?
    /// The runs that began before a run, the newest first.
    func runs(before run: RunID) throws -> [RunRecord]
    /// How many cases there are up to a day.
    func caseCount(upTo asOf: Day, in zone: ClinicTimeZone) throws -> Int
    /// Calls `body` with each case up to a day, by ascending id.
    ///
    /// - Parameters:
    ///   - first: the first day that is asked for; `nil` for all.
    ///   - notes: whether side effects and comments are read; without them both are `nil`.
    func forEachCase(
        from first: Day?, upTo asOf: Day, in zone: ClinicTimeZone, notes: Bool,
        _ body: (FeedbackCase) throws -> Void) throws
}

/// A prediction as it was published for some days.
public struct PastPrediction: Equatable, Sendable {
    /// The recommendation.
    public var recommendation: RecommendationID
    /// What was expected of it.
    public var prediction: Prediction
    /// The day that the run was of which first published it.
    public var since: Day
    /// The day that the run was of which replaced it; `nil` for what is published now.
    public var until: Day?

    /// A prediction that held from one day to another.
    public init(recommendation: RecommendationID, prediction: Prediction, since: Day, until: Day?) {
        self.recommendation = recommendation
        self.prediction = prediction
        self.since = since
        self.until = until
    }
}
