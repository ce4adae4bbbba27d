public import Domain

/// Stands for a run in `RunID`.
public enum Run: Sendable {}

/// The number of a run, growing.
public typealias RunID = Identifier<Run>

/// Why a run was started.
public enum RunTrigger: String, CaseIterable, Sendable {
    /// By cron.
    case schedule
    /// By new feedback.
    case feedback
    /// By a person.
    case manual
}

/// How a run stands.
public enum RunStatus: String, CaseIterable, Sendable {
    /// It has begun and not ended.
    case running
    /// It published, and wrote and delivered its reports.
    case succeeded
    /// It published, but some of its reports could not be written; those that could were delivered.
    case incomplete
    /// It published and wrote its reports, but not all of its mails could be delivered.
    case undelivered
    /// It ended with an error.
    case failed
    /// It was told to end before it was done.
    case stopped
    /// It never ended: its process was killed, or the machine went down.
    case died
}

/// What is noted of a run when it begins.
public struct RunStart: Equatable, Sendable {
    /// Name of the job.
    public var job: String
    /// The logical day of the run.
    public var asOf: Day
    /// Why it was started.
    public var trigger: RunTrigger
    /// When it began.
    public var startedAt: Instant
    /// Version of the software.
    public var softwareVersion: String
    /// Version of the scoring model.
    public var modelVersion: String
    /// The settings that its numbers depend on.
    public var settings: RunSettings

    /// What is known of a run when it begins.
    public init(
        job: String, asOf: Day, trigger: RunTrigger, startedAt: Instant, softwareVersion: String,
        modelVersion: String, settings: RunSettings
    ) {
        self.job = job
        self.asOf = asOf
        self.trigger = trigger
        self.startedAt = startedAt
        self.softwareVersion = softwareVersion
        self.modelVersion = modelVersion
        self.settings = settings
    }
}

/// What is noted of a run when it ends.
public struct RunEnd: Equatable, Sendable {
    /// When it ended.
    public var endedAt: Instant
    /// How it ended.
    public var status: RunStatus
    /// Why it failed, in one line.
    public var error: String?
    /// What each stage took, in the order in which they ran.
    public var stages: [StageRecord]
    /// Deltas that it wrote for live clients.
    public var deltas: Int

    /// What is known of a run when it ends.
    public init(endedAt: Instant, status: RunStatus, error: String?, stages: [StageRecord], deltas: Int = 0) {
        self.endedAt = endedAt
        self.status = status
        self.error = error
        self.stages = stages
        self.deltas = deltas
    }
}

/// What one stage of a run took.
public struct StageRecord: Equatable, Sendable {
    /// The stage.
    public var stage: Stage
    /// Rows it worked on.
    public var rowsRead: Int
    /// Rows, or files, it wrote.
    public var rowsWritten: Int
    /// Seconds of computing, without reading and publishing.
    public var seconds: Double
    /// The most memory of the process meanwhile, in bytes.
    public var memory: Int
    /// Digest of what it computed, in hexadecimal; `nil` where that is not published.
    public var digest: String?

    /// What a stage took.
    public init(stage: Stage, rowsRead: Int, rowsWritten: Int, seconds: Double, memory: Int, digest: String? = nil) {
        self.stage = stage
        self.rowsRead = rowsRead
        self.rowsWritten = rowsWritten
        self.seconds = seconds
        self.memory = memory
        self.digest = digest
    }
}

/// A run as the store remembers it.
public struct RunRecord: Equatable, Sendable {
    /// The run's number.
    public var id: RunID
    /// How it began.
    public var start: RunStart
    /// How it stands.
    public var status: RunStatus
    /// Digest of the results it published, in hexadecimal; `nil` where it published none.
    public var digest: String?
    /// How it ended; `nil` while it runs, or where it was killed.
    public var end: RunEnd?

    /// A run as it is recorded.
    public init(id: RunID, start: RunStart, status: RunStatus, digest: String?, end: RunEnd?) {
        self.id = id
        self.start = start
        self.status = status
        self.digest = digest
        self.end = end
    }

    /// Result rows that it wrote, without the files of the stage `reports`; `nil` while it has not ended.
    public var rowsWritten: Int? {
        end.map { $0.stages.filter { $0.stage != .reports }.reduce(0) { $0 + $1.rowsWritten } }
    }

    /// Seconds from start to end; `nil` while it has not ended.
    public var seconds: Double? {
        end.map { Double($0.endedAt.microseconds - start.startedAt.microseconds) / 1_000_000 }
    }
}
