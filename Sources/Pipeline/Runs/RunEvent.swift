public import Domain
public import Reports
public import Store

/// Something that happened while a job ran, for those who watch or log it.
public enum RunEvent: Sendable {
    /// Another process runs on the database; the wait for it begins.
    case waiting
    /// An earlier run never ended.
    case died(RunRecord)
    /// The published results are of an earlier day than those before, and an earlier run never ended or this one stays there.
    case publishedPast(PastPublication)
    /// There is nothing to run.
    case idle(reason: String)
    /// A run began.
    case began(RunID, RunStart)
    /// A step begins; `fraction`, 0…1, is how much of the run lies behind.
    case step(String, fraction: Double)
    /// A step ended. `stage` says more where the step was one.
    case stepEnded(String, seconds: Double, stage: StageRecord?)
    /// Results were published.
    case published(Publication, digest: String)
    /// The figures of a month were released to anybody.
    case released(ReleasedMonth)
    /// Figures could not be released; the run goes on.
    case releaseFailed(reason: String)
    /// A report file was written.
    case wrote(ReportFile)
    /// A report could not be written in all of its formats.
    case reportFailed(ReportFailure)
    /// Old report files were deleted, as the job's retention has it.
    case removed(count: Int, folder: String)
    /// A delivery was noted in the ledger.
    case delivery(DeliveryKey, DeliveryState)
    /// A run, or its mails, are tried again after a wait.
    case retrying(reason: String, wait: Duration)
    /// A run ended.
    case ended(RunID, RunEnd)
}
