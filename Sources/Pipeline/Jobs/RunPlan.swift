public import Configuration
public import Domain
public import Store

/// What is asked of a job.
public enum RunRequest: Equatable, Sendable {
    /// To run for some days, or for the job's logical day where none is named.
    case days(from: Day?, to: Day?)
    /// To run if its schedule asks for it.
    case due
    /// To run if enough feedback came in.
    case feedback

    /// The most days that are run for without being forced to: some ten years.
    private static let mostDays = 3660

    /// Refuses days that somebody most likely did not mean: very many, or before the first record.
    ///
    /// - Throws: `RunError`; `StoreError`.
    func checkDays(in database: any ClinicStore, zone: ClinicTimeZone) throws {
        guard case .days(let from, let to) = self, let first = from ?? to else { return }
        let days = Int((to ?? first).daysSinceEpoch - first.daysSinceEpoch) + 1
        guard days <= Self.mostDays else { throw RunError.longSpan(from: first, to: to ?? first, days: days) }
        if let earliest = try database.firstDay(ifAfter: first, in: zone) {
            throw RunError.beforeFirstRecord(day: first, first: earliest)
        }
    }

    /// Refuses days that no run can be for, on some day.
    ///
    /// - Throws: `RunError`.
    public func check(on today: Day) throws {
        guard case .days(let from, let to) = self else { return }
        if let from, let to, from > to { throw RunError.emptySpan(from: from, to: to) }
        if let last = to ?? from, last > today { throw RunError.future(asOf: last) }
    }
}

/// Which days a job runs for, and why.
public struct RunPlan: Equatable, Sendable {
    /// Why it runs.
    public let trigger: RunTrigger
    /// The logical days, in order; empty where there is nothing to run.
    public let days: [Day]
    /// Why there is nothing to run; empty where there is.
    public let idleReason: String
    /// The time of the schedule that the last of the days belongs to.
    private let lastPeriod: String

    /// The time of the schedule that a day's run belongs to: the day, or a time of day where the job runs more often. A run
    /// that is repeated belongs to the same.
    public func period(of day: Day) -> String { day == days.last ? lastPeriod : "\(day)" }

    init(trigger: RunTrigger, days: [Day], lastPeriod: String) {
        self.trigger = trigger
        self.days = days
        self.lastPeriod = lastPeriod
        idleReason = ""
    }

    init(idle reason: String, trigger: RunTrigger) {
        self.trigger = trigger
        days = []
        lastPeriod = ""
        idleReason = reason
    }
}

extension JobDefinition {
    /// What the job does when it is asked to run.
    ///
    /// - Parameter force: whether days are run for that lie before the first record, or are very many.
    /// - Throws: `RunError` for days that have not come yet, end before they begin or are most likely not meant, and for a job
    ///   without a schedule that is asked whether it is due.
    public func plan(
        for request: RunRequest, in database: any ClinicStore, settings: Settings, now: Instant, force: Bool = false
    ) throws -> RunPlan {
        let zone = settings.timezone
        let today = zone.day(of: now)
        func plan(_ trigger: RunTrigger, _ days: [Day]) -> RunPlan {
            RunPlan(
                trigger: trigger, days: days, lastPeriod: days.last.map { period(of: $0, now: now, zone: zone) } ?? "")
        }
        switch request {
        case .days(let from, let to):
            let usual = runsAsOf.day(on: today)
            let (first, last) = (from ?? to ?? usual, to ?? from ?? usual)
            try request.check(on: today)
            if !force { try request.checkDays(in: database, zone: zone) }
            return plan(.manual, (first.daysSinceEpoch...last.daysSinceEpoch).map(Day.init(daysSinceEpoch:)))
        case .due:
            guard let due = try dueRun(in: database, now: now, zone: zone) else {
                let neverDue = schedule.flatMap { $0.canBeDue ? nil : $0.neverDue }
                return RunPlan(idle: "\(name) is \(neverDue ?? "not due")", trigger: .schedule)
            }
            let done = try database.latestDayDone(by: name, upTo: due.asOf)
            return plan(.schedule, due.days(after: done, catchUp: catchUp))
        case .feedback:
            let pending = try database.pendingFeedback(upTo: runsAsOf.day(on: today), in: zone)
            guard pending.mostOnOne >= settings.feedbackTrigger else {
                return RunPlan(
                    idle: "\(pending.feedback) new or changed feedback, at most \(pending.mostOnOne) on one "
                        + "recommendation; \(name) runs from \(settings.feedbackTrigger) on",
                    trigger: .feedback)
            }
            return plan(.feedback, [runsAsOf.day(on: today)])
        }
    }

    private func period(of day: Day, now: Instant, zone: ClinicTimeZone) -> String {
        guard let schedule, schedule.isDueOftenADay,
            let moment = DueRun(
                of: schedule, after: Instant(seconds: now.seconds - 86_400), now: now, in: zone)?.moment
        else { return "\(day)" }
        return "\(day) \(zone.clock(at: moment).dropFirst(11).prefix(5))"
    }
}

extension CronSchedule {
    /// Whether it may be due more than once on a day.
    fileprivate var isDueOftenADay: Bool { hours.count * minutes.count > 1 }
}
