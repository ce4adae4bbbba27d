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
    /// The records do not give what a run published: they were changed since, or the version of the software that published
    /// it, named where it is another, made digests in another way.
    case differs(run: RunID, asOf: Day, published: String, now: String, otherVersion: String?)
    /// Published and written, but not delivered to everyone.
    case undelivered(job: String, count: Int, example: String)
    /// A row of the ledger that is no mail cannot be sent.
    case noMail(DeliveryID)
    /// A mail that was asked for again was not delivered.
    case notSent(String)
    /// A job mails its reports, and the settings do not say how.
    case noMailServer(job: String)
    /// The records take more memory than there is.
    case tooLittleMemory(needed: Int)
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
            "run \(run) noted no digest to compare: it published nothing, or only what new feedback touched; name another of 'avicenna runs'"
        case .differs(let run, let asOf, let published, let now, let otherVersion):
            "run \(run) published \(published), but the records as of \(asOf) give \(now) now; if they were changed since"
                + (otherVersion.map { ", or version \($0) made digests in another way" } ?? "") + ", run that day again"
        case .undelivered(let job, let count, let example):
            "\(job): published and wrote its reports, but could not deliver \(count) of its mails (\(example)); see 'avicenna deliveries', and send again with --resend"
        case .noMail(let row):
            "delivery \(row) is a folder and no mail; name one whose channel is mail or alert"
        case .notSent(let reason): reason
        case .noMailServer(let job):
            "\(job): sends mail, but the settings have no 'mail_server'; name one, or run it with --no-mail"
        case .tooLittleMemory(let needed):
            "the records take about \(needed >> 20) MiB of memory, which this process may not have or this machine has not; raise its limit (see 'ulimit -v'), or run it where there is more"
        case .emptySpan(let from, let to):
            "--from: \(from) lies after --to \(to); name the earlier day first"
        }
    }

    /// 75, 64, 78, 69, 66 or 65.
    public var status: ExitStatus {
        switch self {
        case .locked, .timedOut, .stopped: .tryAgain
        case .future, .emptySpan, .noMail: .usage
        case .noSchedule, .noMailServer: .configuration
        case .undelivered, .notSent, .tooLittleMemory: .unavailable
        case .nothingPublished: .missingInput
        case .differs: .badData
        }
    }
}

extension RunError {
    /// Waits.
    ///
    /// - Throws: `RunError.stopped` where the task is cancelled meanwhile.
    static func pause(for wait: Duration, before step: String) async throws {
        do {
            try await Task.sleep(for: wait)
        } catch {
            throw RunError.stopped(before: step)
        }
    }
}
