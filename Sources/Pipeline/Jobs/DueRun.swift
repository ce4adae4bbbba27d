public import Domain
public import Store

/// A run that a job's schedule asks for.
public struct DueRun: Equatable, Sendable {
    /// The moment at which it was due.
    public let moment: Instant
    /// Its logical day, which it keeps however late it runs.
    public let asOf: Day

    /// How far back a job that never ran looks for a moment at which it was due.
    private static let firstLook: Int64 = 3600
    /// How far back any job looks: what was missed before is for the next one to make up for.
    private static let farthestLook: Int64 = 40 * 86_400

    /// The run that is due; `nil` where none is.
    ///
    /// Of several moments that were missed, the latest counts: one run makes up for all, since a run sees all earlier days.
    ///
    /// - Parameters:
    ///   - last: the last run of the job that its schedule asked for and that was not cut off; `nil` where there is none.
    ///   - logicalDay: how its logical day follows from the day on which it was due.
    public init?(
        of schedule: CronSchedule, after last: Instant?, now: Instant, in zone: ClinicTimeZone,
        logicalDay: JobDefinition.LogicalDay = .yesterday
    ) {
        let start = last ?? Instant(seconds: now.seconds - Self.firstLook)
        var moment = Instant(seconds: max(start.seconds, now.seconds - Self.farthestLook))
        var latest: Instant?
        while let next = schedule.next(after: moment, in: zone), next <= now {
            latest = next
            moment = next
        }
        guard let latest else { return nil }
        self.moment = latest
        asOf = logicalDay.day(on: zone.day(of: latest))
    }
}

extension DueRun {
    /// The days to run for, in order: those that were missed since the last one that was done, at most `catchUp`, and the
    /// one that is due.
    ///
    /// - Parameter done: the latest day that the job was done for; `nil` where it never was.
    public func days(after done: Day?, catchUp: Int) -> [Day] {
        let first = done.map { max($0 + 1, asOf - catchUp) } ?? asOf
        return (min(first, asOf).daysSinceEpoch...asOf.daysSinceEpoch).map(Day.init(daysSinceEpoch:))
    }
}

extension JobDefinition {
    /// A clock that goes wrong by less than this runs nothing twice; a run that began later than this from now was noted by
    /// a clock that was wrong, and says nothing.
    private static let mostClockError: Int64 = 86_400

    /// The run that the job's schedule asks for now; `nil` where none is due.
    ///
    /// - Throws: `RunError.noSchedule` where the job has none.
    public func dueRun(in database: any ClinicStore, now: Instant, zone: ClinicTimeZone) throws -> DueRun? {
        guard let schedule else { throw RunError.noSchedule(job: name) }
        let last = try database.latestScheduledRun(
            of: name, before: Instant(seconds: now.seconds + Self.mostClockError))
        return DueRun(
            of: schedule, after: last?.start.startedAt, now: now, in: zone, logicalDay: runsAsOf)
    }
}
