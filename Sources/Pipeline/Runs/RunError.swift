public import Domain
public import Store

/// Why a run did not happen or did not end.
public enum RunError: Failure, Equatable {
    /// Another process runs on the database.
    case locked(location: String)
    /// The run took longer than its job allows.
    case timedOut(job: String, before: String)
    /// The process was told to end.
    case stopped(before: String)
    /// The as-of day has not come yet.
    case future(asOf: Day)
    /// A job cannot be due, as it has no schedule.
    case noSchedule(job: String)
    /// A run published nothing that could be compared.
    case nothingPublished(run: RunID)
    /// The records no longer give what a run published.
    case differs(run: RunID, asOf: Day, published: String, now: String)
    /// The days to fill end before they begin.
    case emptySpan(from: Day, to: Day)

    /// One line: what stood against it, what to do.
    public var description: String {
        switch self {
        case .locked(let location):
            "\(location): another process runs on this database; try again later, or wait with --wait SECONDS"
        case .timedOut(let job, let step):
            "\(job): its timeout passed before the step \(step); nothing was published; raise 'timeout' in the job"
        case .stopped(let step):
            "told to end, and ended before \(step); what was published stays, and the next run makes up for the rest"
        case .future(let asOf):
            "--as-of: \(asOf) has not come yet; name a day up to today"
        case .noSchedule(let job):
            "\(job): has no 'schedule', so that it is never due; give it one, or run it without --if-due"
        case .nothingPublished(let run):
            "run \(run) published nothing to compare; name one that succeeded, of 'avicenna runs'"
        case .differs(let run, let asOf, let published, let now):
            "run \(run) published \(published), but the records as of \(asOf) give \(now) now; if they were changed since, run that day again"
        case .emptySpan(let from, let to):
            "--from: \(from) lies after --to \(to); name the earlier day first"
        }
    }

    /// 75, 64, 78, 66 or 65.
    public var status: ExitStatus {
        switch self {
        case .locked, .timedOut, .stopped: .tryAgain
        case .future, .emptySpan: .usage
        case .noSchedule: .configuration
        case .nothingPublished: .missingInput
        case .differs: .badData
        }
    }
}
