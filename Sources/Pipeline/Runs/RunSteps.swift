import Domain
import Foundation
import Store

/// Times the steps of a run. No step before the publication begins once the job's timeout has passed.
struct RunSteps {
    private let job: String
    /// How many steps there will be.
    private let planned: Int
    private let onEvent: @Sendable (RunEvent) -> Void
    /// The moment from which no step that can wait begins; `nil` where there is none.
    let deadline: ContinuousClock.Instant?

    private(set) var records: [StageRecord] = []
    /// Seconds of each step, in order.
    private(set) var seconds: [(step: String, seconds: Double)] = []
    /// Deltas that were written.
    var deltas = 0

    /// Steps without a job, that may take what they take.
    init() {
        job = ""
        planned = 1
        onEvent = { _ in }
        deadline = nil
    }

    init(of job: JobDefinition, stages: [Stage], onEvent: @escaping @Sendable (RunEvent) -> Void) {
        self.job = job.name
        self.onEvent = onEvent
        let computes = stages.contains { $0 != .reports }
        // Reading and publishing stand around the stages, delivering comes after the reports. A release is short.
        planned =
            stages.count + (computes ? 2 : 0)
            + (stages.contains(.reports) ? 1 : 0)
        deadline = job.timeout.map { ContinuousClock.now + $0 }
    }

    /// Runs a step that is no stage.
    mutating func time<Value>(_ step: String, _ body: () async throws -> Value) async throws -> Value {
        try refuseWhenLate(step)
        return try await measure(step, stage: nil, rowsRead: 0, body)
    }

    /// Runs a stage that computes.
    mutating func time<Value>(
        _ stage: Stage, rowsRead: Int, _ body: () async throws -> Value
    ) async throws -> Value {
        try refuseWhenLate(stage.rawValue)
        return try await measure(stage.rawValue, stage: stage, rowsRead: rowsRead, body)
    }

    private func refuseWhenLate(_ step: String) throws {
        if Task.isCancelled { throw RunError.stopped(before: "the step \(step)") }
        if let deadline, ContinuousClock.now >= deadline { throw RunError.timedOut(job: job, before: step) }
    }

    /// Runs a step after the publication, which no timeout holds back: what it shows is published already.
    mutating func timeAfterwards<Value>(
        _ step: String, stage: Stage? = nil, _ body: () async throws -> Value
    ) async throws -> Value {
        if Task.isCancelled { throw RunError.stopped(before: "the step \(step)") }
        return try await measure(step, stage: stage, rowsRead: 0, body)
    }

    /// Notes what a stage wrote, and the digest of what it computed.
    mutating func note(_ stage: Stage, rowsWritten: Int, digest: String? = nil) {
        guard let index = records.firstIndex(where: { $0.stage == stage }) else { return }
        records[index].rowsWritten = rowsWritten
        records[index].digest = digest
    }

    private mutating func measure<Value>(
        _ step: String, stage: Stage?, rowsRead: Int, _ body: () async throws -> Value
    ) async throws -> Value {
        onEvent(.step(step, fraction: Double(seconds.count) / Double(planned)))
        PeakMemory.reset()
        let start = ContinuousClock.now
        let value = try await body()
        seconds.append((step, (ContinuousClock.now - start) / .seconds(1)))
        let record = stage.map {
            StageRecord(
                stage: $0, rowsRead: rowsRead, rowsWritten: 0, seconds: seconds.last?.seconds ?? 0,
                memory: PeakMemory.bytes)
        }
        if let record { records.append(record) }
        onEvent(.stepEnded(step, seconds: seconds.last?.seconds ?? 0, stage: record))
        return value
    }
}
