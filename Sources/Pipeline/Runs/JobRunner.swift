import Analytics
public import Configuration
public import Domain
import Foundation
import Reports
import Statistics
public import Store

/// Runs jobs on a database: reads, computes the stages, publishes, renders the reports and delivers them.
public struct JobRunner: Sendable {
    let database: any ClinicStore
    let settings: Settings
    let softwareVersion: String
    let now: @Sendable () -> Instant
    let onEvent: @Sendable (RunEvent) -> Void
    /// Waits before deferred mails are tried again; throws `RunError.stopped(before:)` where the task is cancelled.
    var pause: @Sendable (Duration, _ step: String) async throws -> Void = {
        try await RunError.pause(for: $0, before: $1)
    }

    /// A runner for a database.
    ///
    /// - Parameters:
    ///   - now: tells the time at which runs begin and end.
    ///   - onEvent: told what happens meanwhile.
    public init(
        database: any ClinicStore, settings: Settings, softwareVersion: String, now: @escaping @Sendable () -> Instant,
        onEvent: @escaping @Sendable (RunEvent) -> Void = { _ in }
    ) {
        self.database = database
        self.settings = settings
        self.softwareVersion = softwareVersion
        self.now = now
        self.onEvent = onEvent
    }

    /// Runs a job for one logical day. The caller holds the lock of the database.
    ///
    /// An error leaves the published results as they were and is noted with the run; those whom the job names are told.
    /// Errors that can heal are tried again as the job says. Where the task is cancelled, the run ends before its next
    /// step.
    ///
    /// - Parameters:
    ///   - only: the stages to run; `nil` for those of the job.
    ///   - period: the time of the job's schedule that it belongs to; `nil` for the day.
    ///   - force: whether it may publish that there is nothing in place of results.
    /// - Throws: `RunError.nothingToPublish`; whatever else ended the run.
    public func run(
        _ job: JobDefinition, asOf: Day, only: [Stage]? = nil, trigger: RunTrigger, period: String? = nil,
        mailing: Mailing = .all, force: Bool = false
    ) async throws -> RunSummary {
        try await run(
            RunOrder(
                job: job, asOf: asOf, stages: job.stages(only: only), isWhole: only == nil, trigger: trigger,
                period: period ?? "\(asOf)", mailing: mailing, force: force))
    }

    /// Runs what is ordered. The news of mails that the server did not take for now waits where the order keeps them.
    func run(_ order: RunOrder) async throws -> RunSummary {
        let job = order.job
        do {
            let summary = try await job.retry.attempt(
                onRetry: { onEvent(.retrying(reason: $0.description, wait: $1)) }, { try await attemptAll(order) })
            order.deferred?.add(summary.mails.deferred)
            if let problem = summary.problem, order.deferred == nil || summary.mails.deferred.isEmpty {
                await tellOfFailure(problem, order)
            }
            return summary
        } catch let incomplete as IncompleteRun {
            order.deferred?.add(incomplete.summary.mails.deferred)
            await tellOfFailure(incomplete.problem, order)
            return incomplete.summary
        } catch {
            await tellOfFailure(error, order)
            throw error
        }
    }

    /// Computes a run again from the records as they are now, as of its day and with its settings.
    ///
    /// - Returns: the digest of what it would publish, in hexadecimal.
    public static func digest(ofComputingAgain run: RunRecord, in database: any ClinicStore) async throws -> String {
        let clinic = try database.affordableClinic(asOf: run.start.asOf, in: run.start.settings.timezone)
        var steps = RunSteps()
        let results = try await compute(
            run.end?.stages.map(\.stage) ?? [], of: LinkedClinic(clinic),
            successRating: run.start.settings.successRating,
            steps: &steps)
        return ResultsDigest(of: results).hexadecimal
    }

    /// The job's reports, read before anything is computed, so that a wrong definition costs no run.
    private func definitions(of order: RunOrder) throws -> [ReportDefinition] {
        guard order.stages.contains(.reports) else { return [] }
        return try order.job.reports.map { try ReportDefinition(named: $0, in: settings.reports) }
    }

    /// - Throws: `IncompleteRun` where reports or the release failed, so that they are tried again as the job says.
    private func attemptAll(_ order: RunOrder) async throws -> RunSummary {
        let summary = try await attempt(order)
        if !summary.failures.isEmpty || summary.releaseFailure != nil, let problem = summary.problem {
            throw IncompleteRun(summary: summary, problem: problem)
        }
        return summary
    }

    private func attempt(_ order: RunOrder) async throws -> RunSummary {
        let reports = try definitions(of: order)
        if order.sendsMail, settings.mail == nil { throw RunError.noMailServer(job: order.job.name) }
        let start = RunStart(
            job: order.job.name, asOf: order.asOf, trigger: order.trigger, startedAt: now(),
            softwareVersion: softwareVersion, modelVersion: Ensemble.version,
            settings: RunSettings(timezone: settings.timezone, successRating: settings.successRating))
        let run = try database.beginRun(start)
        onEvent(.began(run, start))
        var steps = RunSteps(of: order.job, stages: order.stages, onEvent: onEvent)
        func end(_ status: RunStatus, _ error: String?) -> RunEnd {
            RunEnd(endedAt: now(), status: status, error: error, stages: steps.records, deltas: steps.deltas)
        }
        do {
            let summary = try await perform(order, reports, run: run, steps: &steps)
            let end = end(summary.status, summary.problem?.description)
            try database.finishRun(run, end)
            onEvent(.ended(run, end))
            return summary
        } catch {
            let status: RunStatus = if case RunError.stopped = error { .stopped } else { .failed }
            let end = end(status, "\(error)")
            // The error that ended the run is the one to tell, even if it cannot be noted.
            try? database.finishRun(run, end)
            onEvent(.ended(run, end))
            throw error
        }
    }

    private func perform(
        _ order: RunOrder, _ definitions: [ReportDefinition], run: RunID, steps: inout RunSteps
    ) async throws -> RunSummary {
        var computation: RunSummary.Computation?
        var released: [CalendarMonth] = []
        var releaseFailure: (any Error)?
        if order.stages.contains(where: { $0 != .reports }) {
            let (clinic, published) = try await computeAndPublish(order, run: run, steps: &steps)
            computation = published
            if order.mayRelease {
                do {
                    released = try await steps.timeAfterwards("release") {
                        try releaseDueMonths(order, of: clinic, run: run)
                    }
                } catch let stop as RunError where stop.isStop {
                    throw stop
                } catch {
                    // What is published stays, and the reports go out.
                    releaseFailure = error
                    onEvent(.releaseFailed(reason: "\(error)"))
                }
            }
        }
        var rendered = RenderedReports()
        var mails = MailOutcome()
        if order.stages.contains(.reports) {
            rendered = try await steps.timeAfterwards(Stage.reports.rawValue, stage: .reports) {
                try render(definitions, for: order.job)
            }
            steps.note(.reports, rowsWritten: rendered.files.count)
            let delivery = ReportDelivery(
                job: order.job, run: run, period: order.period, mailing: order.mailing, database: database, now: now,
                onEvent: onEvent)
            let room = settings.mail.map { mailRoom($0, order.job, deadline: steps.deadline) }
            mails = try await steps.timeAfterwards("delivery") {
                try await delivery.deliver(rendered, by: room, asOf: order.asOf)
            }
        }
        if rendered.failures.isEmpty, let error = mails.removalError { throw error }
        return RunSummary(
            job: order.job.name, run: run, asOf: order.asOf, computation: computation, released: released,
            releaseFailure: releaseFailure, files: rendered.files, failures: rendered.failures,
            reports: rendered.complete.count + rendered.failures.count, mails: mails,
            seconds: steps.seconds)
    }

    // MARK: Stages

    private func computeAndPublish(
        _ order: RunOrder, run: RunID, steps: inout RunSteps
    ) async throws -> (LinkedClinic, RunSummary.Computation) {
        let linked = try await steps.time("read") {
            LinkedClinic(try database.affordableClinic(asOf: order.asOf, in: settings.timezone))
        }
        let before = try database.readPublished { try $0.origins() }.values.map(\.asOf).max()
        var computed = try await Self.compute(
            order.stages, of: linked, successRating: settings.successRating, steps: &steps)
        if !order.force { try refuseEmptyPlace(of: computed, linked.clinic) }
        computed.patientView = try await patientView(
            of: computed, linked, by: order, after: before, steps: &steps)
        let results = computed
        // On one core, while the store publishes on the other.
        async let digest = ResultsDigest(of: results)
        let publication = try await steps.time("publish") {
            try database.publish(results, of: linked.clinic, run: run, at: now())
        }
        try database.noteDigest(await digest.hexadecimal, of: run)
        steps.deltas = publication.deltas
        for (stage, digest) in await digest.stages {
            steps.note(stage, rowsWritten: publication.rowsWritten[stage] ?? 0, digest: digest)
        }
        onEvent(.published(publication, digest: await digest.hexadecimal))
        let computation = RunSummary.Computation(
            of: linked.clinic, results: results, replacedDay: before, publication: publication,
            digest: await digest.hexadecimal)
        return (linked, computation)
    }

    /// Computes stages of a clinic.
    static func compute(
        _ stages: [Stage], of linked: LinkedClinic, successRating: Rating, steps: inout RunSteps
    ) async throws -> Results {
        var computation = Computation(of: linked, successRating: successRating)
        try await computation.run(stages, steps: &steps)
        return computation.results
    }
}
