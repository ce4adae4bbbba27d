/// What the stages of one run computed. A stage that did not run is `nil`, and what it published before stays.
public struct Results: Sendable {
    /// The last day that the computation saw.
    public var asOf: Day
    /// Displayed spellings of herbs as of that day.
    public var herbs: TermNames
    /// Displayed spellings of conditions as of that day.
    public var conditions: TermNames
    /// Stage `effectiveness`.
    public var effectiveness: Effectiveness?
    /// Stage `trends`.
    public var trends: [Level: Keyed<Subject, Trend>]?
    /// Stage `cohorts`.
    public var cohorts: Keyed<Subject, Cohort>?
    /// Stage `scores`.
    public var scores: Scores?
    /// What patients see of the scores from now on; `nil` where their view stays as it is.
    public var patientView: PatientView?

    /// Results of no stage yet.
    public init(asOf: Day, herbs: TermNames, conditions: TermNames) {
        self.asOf = asOf
        self.herbs = herbs
        self.conditions = conditions
    }

    /// Tallies of every level with the priors that follow from them.
    public struct Effectiveness: Sendable {
        /// Tallies of the subjects that have a case.
        public var tallies: [Level: Keyed<Subject, WindowTallies>]
        /// The prior of each level and window.
        public var priors: [Level: [Window: Prior]]

        /// Tallies and priors of all levels.
        public init(tallies: [Level: Keyed<Subject, WindowTallies>], priors: [Level: [Window: Prior]]) {
            self.tallies = tallies
            self.priors = priors
        }
    }

    /// Predictions with the historical evidence of their treatments.
    public struct Scores: Sendable {
        /// What to expect of each recommendation that is scored.
        public var predictions: Keyed<RecommendationID, Prediction>
        /// The historical evidence of each treatment that is predicted.
        public var evidence: Keyed<Subject, HistoricalEvidence>

        /// Predictions with the evidence of their treatments.
        public init(predictions: Keyed<RecommendationID, Prediction>, evidence: Keyed<Subject, HistoricalEvidence>) {
            self.predictions = predictions
            self.evidence = evidence
        }
    }
}
