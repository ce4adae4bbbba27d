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

    /// The instant from which on feedback counts in the limited windows as of a day.
    public func recentStart(asOf day: Day) -> Instant {
        timezone.instant(on: Window.days90.firstDay(asOf: day), hour: 0)
    }

    /// The counts with a feedback added or, where `factor` is -1, removed.
    ///
    /// - Parameter counts: `nil` stands for no case, and so does the result.
    public func adding(_ feedback: Feedback, factor: Int32, to counts: WindowCounts?, asOf: Day) -> WindowCounts? {
        let day = timezone.day(of: feedback.createdAt)
        guard feedback.deletedAt == nil, day <= asOf else { return counts }
        var sum = counts ?? WindowCounts()
        let isSuccess = feedback.rating >= successRating
        sum.all.add(isSuccess: isSuccess, factor: factor)
        sum.addToLimitedWindows(on: day, asOf: asOf, isSuccess: isSuccess, factor: factor)
        return sum.all.samples > 0 ? sum : nil
    }
}

extension WindowCounts {
    /// No cases.
    public init() {
        let none = Count(samples: 0, successes: 0)
        self.init(days30: none, days90: none, all: none)
    }

    /// Adds a case of a day to the windows of 30 and 90 days that contain it or, where `factor` is -1, removes it.
    public mutating func addToLimitedWindows(on day: Day, asOf: Day, isSuccess: Bool, factor: Int32 = 1) {
        if Window.days90.contains(day, asOf: asOf) { days90.add(isSuccess: isSuccess, factor: factor) }
        if Window.days30.contains(day, asOf: asOf) { days30.add(isSuccess: isSuccess, factor: factor) }
    }
}

extension WindowCounts.Count {
    /// Adds a case or, where `factor` is -1, removes one.
    public mutating func add(isSuccess: Bool, factor: Int32) {
        samples += factor
        if isSuccess { successes += factor }
    }
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
