public import Domain

/// The runs of jobs.
public protocol RunHistory: Sendable {
    /// Records that a run has begun.
    func beginRun(_ run: RunStart) throws -> RunID
    /// Records the digest of what a run published, in hexadecimal.
    func noteDigest(_ digest: String, of id: RunID) throws
    /// Records the end of a run.
    func finishRun(_ id: RunID, _ end: RunEnd) throws
    /// Records that runs which never ended have died. Only a holder of the run lock may call it.
    ///
    /// - Returns: those runs.
    func noteDeaths() throws -> [RunRecord]
    /// A run; `nil` where there is none of that number.
    func run(_ id: RunID) throws -> RunRecord?
    /// The names of the jobs that ever ran, sorted.
    func jobNames() throws -> [String]
    /// The newest run of a job; `nil` where it never ran.
    func latestRun(of job: String) throws -> RunRecord?
    /// The newest run of a job that published and wrote its reports; `nil` where there is none.
    func latestRunDone(of job: String) throws -> RunRecord?
    /// The latest day, up to `day`, that a job published and wrote its reports for; `nil` where there is none.
    func latestDayDone(by job: String, upTo day: Day) throws -> Day?
    /// The newest run of a job that its schedule started before an instant, and that neither died nor was stopped; `nil` where
    /// there is none.
    func latestScheduledRun(of job: String, before: Instant) throws -> RunRecord?
    /// The run that published results of the latest day up to `day`, the newest of several; `nil` where there is none.
    func runOfLatestDay(upTo day: Day) throws -> RunRecord?
    /// The newest runs first, at most `limit`.
    func runs(limit: Int) throws -> [RunRecord]
}
