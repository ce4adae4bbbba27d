public import Domain
public import Store

/// That the published results are of an earlier day than results that were published before: a run as of a day in the past
/// replaced them, or several such runs that were cut off.
public struct PastPublication: Equatable, Sendable {
    /// The day that the published results are of.
    public let day: Day
    /// The run that published them.
    public let run: RunID
    /// The job that it was of.
    public let job: String
    /// The latest day that results were published of.
    public let latestDay: Day
    /// The run that published those.
    public let latestRun: RunID
    /// The stages whose results are of an earlier day.
    public let stages: [Stage]

    /// The command that publishes results of the latest day again.
    public var command: String {
        "avicenna run \(job) --as-of \(latestDay) --only \(stages.map(\.rawValue).joined(separator: ","))"
    }

    /// One line: what is published, and how to go back.
    public var description: String {
        "the published results are of \(day) (run \(run)), and before they were of \(latestDay) (run \(latestRun)); "
            + "go back with '\(command)'"
    }
}

extension RunHistory where Self: SnapshotStore {
    /// Whether the published results are of a day in the past because somebody ran that day; `nil` where they are not. By its
    /// schedule, a night follows the hours of its day as a matter of course.
    ///
    /// - Parameter today: the clinic's day; what a wrong clock dated later does not count.
    public func pastPublication(today: Day) throws -> PastPublication? {
        let origins = try readPublished { try $0.origins() }
        guard let newest = origins.values.max(by: { $0.run < $1.run }),
            let run = try run(newest.run), run.start.trigger == .manual,
            let latest = try runOfLatestDay(upTo: today), latest.start.asOf > newest.asOf
        else { return nil }
        let stages = Stage.allCases.filter { origins[$0].map { $0.asOf < latest.start.asOf } ?? false }
        return PastPublication(
            day: newest.asOf, run: newest.run, job: run.start.job, latestDay: latest.start.asOf, latestRun: latest.id,
            stages: stages)
    }
}
