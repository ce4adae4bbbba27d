/// What a run changed for those who follow a diagnosis. Deltas are numbered in the order in which they were committed.
public struct Delta: Equatable, Sendable {
    /// Grows with each delta of the database.
    public var sequence: Int64
    /// Whose followers are told.
    public var diagnosis: DiagnosisID
    /// When it was written.
    public var at: Instant
    /// What changed.
    public var change: Change

    /// A delta as it was committed.
    public init(sequence: Int64, diagnosis: DiagnosisID, at: Instant, change: Change) {
        self.sequence = sequence
        self.diagnosis = diagnosis
        self.at = at
        self.change = change
    }

    /// Bytes that the message of a delta may have.
    public static let largestMessage = 64 << 10
    /// Bytes that the data of a message may have; the rest of `largestMessage` is for the members around it.
    public static let largestData = largestMessage - 256

    /// What followers call a change.
    public enum Kind: String, CaseIterable, Sendable {
        /// Cases, successes or trend of a recommendation changed.
        case effectiveness = "effectiveness_update"
        /// The ranking of the diagnosis changed.
        case ranking = "recommendation_update"
        /// Feedback was given, edited or withdrawn.
        case feedback = "feedback_update"
    }

    /// What changed.
    public enum Change: Equatable, Sendable {
        /// `effectiveness_update` for staff: cases or successes of a recommendation changed in some window of the published
        /// results, and with them what follows from those counts: effectiveness and trend. `nil` where there was, or is, no
        /// case.
        case effectiveness(recommendation: RecommendationID, old: WindowCounts?, new: WindowCounts?)
        /// `recommendation_update` for staff: the ranked list of the diagnosis, best first; empty once it is no longer active.
        case ranking([RankedRecommendation])
        /// `effectiveness_update` for the patient: their own feedback changed these counts, as of the day of the change.
        case ownEffectiveness(recommendation: RecommendationID, old: WindowCounts?, new: WindowCounts?)
        /// `recommendation_update` for the patient: the ranked list as patients see it; empty once the diagnosis is no longer
        /// active.
        case patientRanking([PatientPlace])
        /// `feedback_update`: feedback on a recommendation was given, edited or withdrawn.
        case feedback(FeedbackUpdate)
        /// A message of another program of the clinic, as a JSON object.
        case broadcast(Kind, json: String)

        /// What followers call it.
        public var kind: Kind {
            switch self {
            case .effectiveness, .ownEffectiveness: .effectiveness
            case .ranking, .patientRanking: .ranking
            case .feedback: .feedback
            case .broadcast(let kind, _): kind
            }
        }

        /// The only audience that receives it; `nil` where both do.
        public var audience: Audience? {
            switch self {
            case .effectiveness, .ranking: .staff
            case .ownEffectiveness, .patientRanking: .patient
            case .feedback, .broadcast: nil
            }
        }
    }

    /// The followers that receive the same messages.
    public enum Audience: Sendable {
        /// The clinic's staff and other programs of the clinic: everything that runs publish, at once.
        case staff
        /// The patient of the diagnosis: their own feedback at once, and what depends on others once a day.
        case patient
    }

    /// Whether an audience receives it.
    public func isFor(_ audience: Audience) -> Bool { change.audience.map { $0 == audience } ?? true }
}

/// Cases and successes in the three windows.
public struct WindowCounts: Equatable, Sendable {
    /// Cases and successes in one window.
    public struct Count: Equatable, Sendable {
        /// Cases.
        public var samples: Int32
        /// Successes among them.
        public var successes: Int32

        /// Counts of a window.
        public init(samples: Int32, successes: Int32) {
            self.samples = samples
            self.successes = successes
        }

        init(_ tally: Tally) {
            self.init(samples: tally.samples, successes: tally.successes)
        }
    }

    /// The last 30 days.
    public var days30: Count
    /// The last 90 days.
    public var days90: Count
    /// All days.
    public var all: Count

    /// Counts of the three windows.
    public init(days30: Count, days90: Count, all: Count) {
        self.days30 = days30
        self.days90 = days90
        self.all = all
    }

    /// The counts of a window.
    public subscript(window: Window) -> Count {
        switch window {
        case .days30: days30
        case .days90: days90
        case .all: all
        }
    }

    /// The counts of tallies.
    public init(_ tallies: WindowTallies) {
        self.init(days30: Count(tallies.days30), days90: Count(tallies.days90), all: Count(tallies.all))
    }
}

extension WindowCounts {
    /// The counts of tallies; `nil` where they have no case.
    public init?(ofCasesIn tallies: WindowTallies) {
        guard tallies.all.samples > 0 else { return nil }
        self.init(tallies)
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
