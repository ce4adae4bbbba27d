/// Counts a patient's own cases as they are now: live, and independent of runs and of all other patients.
public struct OwnFigures: Sendable {
    /// The zone in which days are counted.
    public var timezone: ClinicTimeZone
    /// The least rating that is a success.
    public var successRating: Rating

    /// Counts by the settings of a clinic.
    public init(timezone: ClinicTimeZone, successRating: Rating) {
        self.timezone = timezone
        self.successRating = successRating
    }

    /// The clinic's day of an instant.
    public func day(of instant: Instant) -> Day { timezone.day(of: instant) }

    /// The tallies of feedback up to a day. Withdrawn feedback is left out.
    public func tallies(of feedback: some Sequence<Feedback>, asOf: Day) -> WindowTallies {
        var tallies = WindowTallies()
        for item in feedback where item.deletedAt == nil {
            let day = timezone.day(of: item.createdAt)
            guard day <= asOf else { continue }
            tallies += WindowTallies(Tally(item, successRating: successRating), on: day, asOf: asOf)
        }
        return tallies
    }
}

extension Settings {
    /// How patients' own cases are counted.
    public var ownFigures: OwnFigures { OwnFigures(timezone: timezone, successRating: successRating) }
}

extension Tally {
    /// The tally of one feedback.
    fileprivate init(_ feedback: Feedback, successRating: Rating) {
        self.init()
        samples = 1
        successes = feedback.rating >= successRating ? 1 : 0
        ratingSum = Int32(feedback.rating.value)
        if let improvement = feedback.improvement {
            improvements = 1
            improvementSum = Int32(improvement.value)
        }
        if let compliance = feedback.compliance {
            compliances = 1
            complianceSum = Int64(compliance.billionths)
        }
    }
}
