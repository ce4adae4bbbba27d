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
    /// Some of a job's reports could not be written; all else was done, but for some mails.
    case reportsFailed(
        job: String, run: RunID, reasons: [String], of: Int, undelivered: Int, status: ExitStatus)
    /// Figures could not be released to anybody; all else was done, but for what `also` says.
    indirect case releaseFailed(job: String, reason: String, status: ExitStatus, also: RunError?)
    /// The folder of a report leads out of `output`.
    case outsideOutput(folder: String, output: String)
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
    /// The days to run for are very many.
    case longSpan(from: Day, to: Day, days: Int)
    /// A day to run for is before the first record.
    case beforeFirstRecord(day: Day, first: Day)
    /// There is no feedback up to the day, and results would be replaced by none.
    case nothingToPublish(asOf: Day, published: Day)
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
        case .reportsFailed(let job, let run, let reasons, let total, let undelivered, _):
            Self.text(ofFailed: reasons, of: total, job: job, run: run, undelivered: undelivered)
        case .releaseFailed(let job, let reason, _, let also):
            "\(job): published, but could not release figures to anybody: \(reason); the next run tries again"
                + (also.map { "; \($0)" } ?? "")
        case .outsideOutput(let folder, let output):
            "\(folder): leads out of \(output) by a symbolic link, and reports stay below 'output'; remove the link, or set 'output' to another place"
        case .undelivered(let job, let count, let example):
            "\(job): published and wrote its reports, but could not deliver \(count) of its mails (\(example)); see 'avicenna deliveries', and send again with --resend"
        case .noMail(let row):
            "delivery \(row) is a folder and no mail; name one whose channel is mail or alert"
        case .notSent(let reason): reason
        case .noMailServer(let job):
            "\(job): sends mail, but the settings have no 'mail_server'; name one, or run it with --no-mail"
        case .tooLittleMemory(let needed):
            "the records take about \(needed >> 20) MiB of memory, which this process may not have or this machine has not; raise its limit (see 'ulimit -v'), or run it where there is more"
        case .longSpan(let from, let to, let days):
            "--from: from \(from) to \(to) are \(days) days; name fewer, or run them all with --force"
        case .beforeFirstRecord(let day, let first):
            "\(day) is before the first record, which is of \(first); name a later day, or run it with --force"
        case .nothingToPublish(let asOf, let published):
            "there is no feedback up to \(asOf), so that nothing would replace the published results of \(published); they are unchanged; see whether records are missing, or publish nothing with --force"
        case .emptySpan(let from, let to):
            "--from: \(from) lies after --to \(to); name the earlier day first"
        }
    }

    private static let mostReasons = 10

    private static func text(
        ofFailed reasons: [String], of total: Int, job: String, run: RunID, undelivered: Int
    ) -> String {
        let which = reasons.count == 1 && total == 1 ? "its report" : "\(reasons.count) of its \(total) reports"
        let more = reasons.count > mostReasons ? ["and \(reasons.count - mostReasons) more"] : []
        let mails = undelivered == 0 ? "" : ", and could not deliver \(undelivered) of its mails"
        let shown = (reasons.prefix(mostReasons) + more).joined(separator: "; ")
        return "\(job): could not write \(which)\(mails): \(shown); all else was done, see 'avicenna runs \(run)'"
    }

    /// 75, 64, 78, 69, 66, 65 or 73; of reports or a release that failed, that of the first.
    public var status: ExitStatus {
        switch self {
        case .locked, .timedOut, .stopped: .tryAgain
        case .future, .emptySpan, .longSpan, .beforeFirstRecord, .noMail: .usage
        case .noSchedule, .noMailServer: .configuration
        case .undelivered, .notSent, .tooLittleMemory: .unavailable
        case .nothingPublished: .missingInput
        case .differs, .nothingToPublish: .badData
        case .outsideOutput: .cannotWrite
        case .reportsFailed(_, _, _, _, _, let status), .releaseFailed(_, _, let status, _): status
        }
    }
}

extension RunError {
    /// Whether the process was told to end.
    var isStop: Bool { if case .stopped = self { true } else { false } }

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
