/// What a run changed for those who follow a diagnosis. Deltas are numbered in the order in which they were committed.
public struct Delta: Equatable, Sendable {
    /// Grows with each delta of the database.
    public var sequence: Int64
    /// Whose followers are told.
    public var diagnosis: DiagnosisID
    /// What changed.
    public var change: Change

    /// A delta as it was committed.
    public init(sequence: Int64, diagnosis: DiagnosisID, change: Change) {
        self.sequence = sequence
        self.diagnosis = diagnosis
        self.change = change
    }

    /// The kinds of change that a run makes.
    public enum Change: Equatable, Sendable {
        /// `effectiveness_update`: cases or successes of a recommendation changed in some window, and with them what
        /// follows from those counts: effectiveness and trend. `nil` where there was, or is, no case.
        case effectiveness(recommendation: RecommendationID, old: WindowCounts?, new: WindowCounts?)
        /// `recommendation_update`: the ranked list of the diagnosis, best first; empty once it is no longer active.
        case ranking([RankedRecommendation])
    }
}

/// Cases and successes in the three windows.
public struct WindowCounts: Equatable, Sendable {
    /// Samples and successes of the last 30 days, the last 90 days and all days.
    public var counts: [Int32]

    /// The counts of tallies.
    public init(_ tallies: WindowTallies) {
        counts = Window.allCases.flatMap { [tallies[$0].samples, tallies[$0].successes] }
    }

    /// Counts as they were stored; `nil` unless there are six.
    public init?(counts: [Int32]) {
        guard counts.count == 6 else { return nil }
        self.counts = counts
    }
}

/// One place of a diagnosis's ranking, with the counts that its reasoning names.
public struct RankedRecommendation: Equatable, Sendable {
    /// The recommendation.
    public var recommendation: RecommendationID
    /// Its herb.
    public var herb: TermID
    /// Its score and what that follows from.
    public var prediction: Prediction

    /// A place of a ranking.
    public init(recommendation: RecommendationID, herb: TermID, prediction: Prediction) {
        self.recommendation = recommendation
        self.herb = herb
        self.prediction = prediction
    }
}
