import Domain
import Store

/// Times the steps of a run. No step before the publication begins once the job's timeout has passed.
struct RunSteps {
    private let job: String
    private let deadline: ContinuousClock.Instant?

    private(set) var records: [StageRecord] = []
    /// Seconds of each step, in order.
    private(set) var seconds: [(step: String, seconds: Double)] = []

    /// Steps without a job, that may take what they take.
    init() {
        job = ""
        deadline = nil
    }

    init(of job: JobDefinition) {
        self.job = job.name
        deadline = job.timeout.map { ContinuousClock.now + $0 }
    }

    /// Runs a step that is no stage.
    mutating func time<Value>(_ step: String, _ body: () async throws -> Value) async throws -> Value {
        if Task.isCancelled { throw RunError.stopped(before: "the step \(step)") }
        if let deadline, ContinuousClock.now >= deadline {
            throw RunError.timedOut(job: job, before: step)
        }
        return try await measure(step, body)
    }

    /// Runs a stage that computes.
    mutating func time<Value>(
        _ stage: Stage, rowsRead: Int, _ body: () async throws -> Value
    ) async throws -> Value {
        let value = try await time(stage.rawValue, body)
        record(stage, rowsRead: rowsRead)
        return value
    }

    /// Runs the stage that writes files, which no timeout holds back: what it shows is published already.
    mutating func timeReports<Value>(_ body: () throws -> Value) async throws -> Value {
        if Task.isCancelled { throw RunError.stopped(before: "the step \(Stage.reports.rawValue)") }
        let value = try await measure(Stage.reports.rawValue, body)
        record(.reports, rowsRead: 0)
        return value
    }

    mutating func note(_ stage: Stage, rowsWritten: Int) {
        guard let index = records.firstIndex(where: { $0.stage == stage }) else { return }
        records[index].rowsWritten = rowsWritten
    }

    private mutating func measure<Value>(_ step: String, _ body: () async throws -> Value) async throws -> Value {
        let start = ContinuousClock.now
        let value = try await body()
        seconds.append((step, (ContinuousClock.now - start) / .seconds(1)))
        return value
    }

    private mutating func record(_ stage: Stage, rowsRead: Int) {
        records.append(
            StageRecord(stage: stage, rowsRead: rowsRead, rowsWritten: 0, seconds: seconds.last?.seconds ?? 0))
    }
}
