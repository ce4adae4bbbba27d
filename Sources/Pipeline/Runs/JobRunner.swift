import Analytics
public import Domain
import Foundation
import Reports
public import Store

/// Runs jobs on a database: reads, computes the stages, publishes, renders the reports and delivers them.
public struct JobRunner: Sendable {
    let database: any Database
    let settings: Settings
    let softwareVersion: String
    let now: @Sendable () -> Instant
    let onEvent: @Sendable (RunEvent) -> Void

    /// A runner for a database.
    ///
    /// - Parameters:
    ///   - now: tells the time at which runs begin and end.
    ///   - onEvent: told what happens meanwhile.
    public init(
        database: any Database, settings: Settings, softwareVersion: String, now: @escaping @Sendable () -> Instant,
        onEvent: @escaping @Sendable (RunEvent) -> Void = { _ in }
    ) {
        self.database = database
        self.settings = settings
        self.softwareVersion = softwareVersion
        self.now = now
        self.onEvent = onEvent
    }

    /// Does what is asked of a job, as the only one that runs on the database: for each day that this means, one after the
    /// other. Of several days, only the reports of the last are mailed.
    ///
    /// - Parameters:
    ///   - only: the stages to run; `nil` for those of the job.
    ///   - wait: how long to wait while another process runs on the database.
    ///   - mails: whether mails go out.
    ///   - onFinish: told of each day's run, and whether it is the last.
    /// - Throws: `RunError.locked` where another process still runs; what stood against a run, which ends it all. Where only
    ///   mails could not be delivered, all days run first.
    public func run(
        _ job: JobDefinition, as request: RunRequest, only: [Stage]? = nil, wait: Duration = .zero, mails: Bool = true,
        onFinish: (RunSummary, _ isLast: Bool) throws -> Void = { _, _ in }
    ) async throws {
        let lock = try await DatabaseLock(of: database.location, wait: wait) { onEvent(.waiting) }
        defer { withExtendedLifetime(lock) {} }
        for run in try database.noteDeaths() { onEvent(.died(run)) }
        // Asked once the lock is held, so that of several that start together one runs.
        let plan = try job.plan(for: request, in: database, settings: settings, now: now())
        if plan.days.isEmpty { onEvent(.idle(reason: plan.idleReason)) }
        var undelivered: RunError?
        for day in plan.days {
            let isLast = day == plan.days.last
            let summary = try await run(
                job, asOf: day, only: only, trigger: plan.trigger, period: plan.period(of: day),
                mailing: mails ? (isLast ? .all : .laterDayFollows) : .none)
            try onFinish(summary, isLast)
            undelivered = summary.problem ?? undelivered
        }
        if let undelivered { throw undelivered }
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
    public func run(
        _ job: JobDefinition, asOf: Day, only: [Stage]? = nil, trigger: RunTrigger, period: String? = nil,
        mailing: Mailing = .all
    ) async throws -> RunSummary {
        let order = RunOrder(
            job: job, asOf: asOf, stages: job.stages(only: only), trigger: trigger, period: period ?? "\(asOf)",
            mailing: mailing)
        do {
            let summary = try await job.retry.attempt(
                onRetry: { onEvent(.retrying(reason: $0.description, wait: $1)) }, { try await attempt(order) })
            if let problem = summary.problem { await tellOfFailure(problem, order) }
            return summary
        } catch {
            await tellOfFailure(error, order)
            throw error
        }
    }

    /// Computes a run again from the records as they are now, as of its day and with its settings.
    ///
    /// - Returns: the digest of what it would publish, in hexadecimal.
    public static func digest(ofComputingAgain run: RunRecord, in database: any Database) async throws -> String {
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
            let end = end(summary.problem == nil ? .succeeded : .undelivered, summary.problem?.description)
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
        let computation =
            try await order.stages.contains { $0 != .reports }
            ? computeAndPublish(run: run, asOf: order.asOf, stages: order.stages, steps: &steps) : nil
        var files: [ReportFile] = []
        var mails = MailOutcome()
        if order.stages.contains(.reports) {
            let reports = try await steps.timeAfterwards(Stage.reports.rawValue, stage: .reports) {
                try render(definitions, for: order.job)
            }
            files = reports.flatMap(\.files)
            steps.note(.reports, rowsWritten: files.count)
            let delivery = ReportDelivery(
                job: order.job, run: run, period: order.period, mailing: order.mailing, database: database, now: now,
                onEvent: onEvent)
            let room = settings.mail.map { mailRoom($0, order.job, deadline: steps.deadline) }
            mails = try await steps.timeAfterwards("delivery") { try await delivery.deliver(reports, by: room) }
        }
        return RunSummary(
            job: order.job.name, run: run, asOf: order.asOf, computation: computation, files: files,
            mails: mails, seconds: steps.seconds)
    }

    // MARK: Stages

    private func computeAndPublish(
        run: RunID, asOf: Day, stages: [Stage], steps: inout RunSteps
    ) async throws -> RunSummary.Computation {
        let linked = try await steps.time("read") {
            LinkedClinic(try database.affordableClinic(asOf: asOf, in: settings.timezone))
        }
        let (before, released) = try database.readPublished { (try $0.origins(), try $0.publicBlocks()) }
        var computed = try await Self.compute(
            stages, of: linked, successRating: settings.successRating, steps: &steps)
        if stages.contains(.effectiveness) {
            computed.publicBlocks = try await steps.time("release") {
                newPublicBlocks(
                    of: linked, beside: PublicRelease.byTreatment(released), fewest: settings.api.publicMinimum,
                    successRating: settings.successRating)
            }
        }
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
        return RunSummary.Computation(
            of: linked.clinic, results: results, replacedDay: before.values.map(\.asOf).max(), publication: publication,
            digest: await digest.hexadecimal)
    }

    static func compute(
        _ stages: [Stage], of linked: LinkedClinic, successRating: Rating, steps: inout RunSteps
    ) async throws -> Results {
        let clinic = linked.clinic
        var results = Results(
            asOf: clinic.asOf, herbs: clinic.herbs.termNames, conditions: clinic.conditions.termNames)
        guard stages.contains(where: { $0 != .reports }) else { return results }
        // The other stages rest on the tallies, so these are computed even where they are not published.
        let effectiveness = try await steps.time(.effectiveness, rowsRead: clinic.cases.count) {
            Analytics.effectiveness(of: linked, successRating: successRating)
        }
        if stages.contains(.effectiveness) { results.effectiveness = effectiveness }
        if stages.contains(.trends) {
            let subjects = effectiveness.tallies.values.reduce(0) { $0 + $1.count }
            results.trends = try await steps.time(.trends, rowsRead: subjects) {
                effectiveness.tallies.mapValues { Analytics.trends(of: $0) }
            }
        }
        if stages.contains(.cohorts) {
            results.cohorts = try await steps.time(.cohorts, rowsRead: clinic.cases.count) {
                Analytics.cohorts(of: linked, tallies: effectiveness.tallies[.cohort] ?? Keyed())
            }
        }
        if stages.contains(.scores) {
            results.scores = try await steps.time(.scores, rowsRead: clinic.recommendations.ids.count) {
                await Analytics.scores(of: linked, tallies: effectiveness.tallies, successRating: successRating).scores
            }
        }
        return results
    }

    private func render(_ reports: [ReportDefinition], for job: JobDefinition) throws -> [RenderedReport] {
        try database.readPublished { published in
            try reports.flatMap { definition in
                if Task.isCancelled { throw RunError.stopped(before: "the report \(definition.name)") }
                return try job.outputs(of: definition, settings: settings).map { output in
                    let report = try Report(
                        definition, from: published, language: output.language,
                        minimumSamples: settings.minimumSamples)
                    return try write(report, for: job, to: output)
                }
            }
        }
    }

    private func write(_ report: Report, for job: JobDefinition, to output: ReportOutput) throws -> RenderedReport {
        let files = try report.write(
            to: output.folder, formats: output.formats, csvByteOrderMark: settings.csvByteOrderMark)
        files.forEach { onEvent(.wrote($0)) }
        let mailed = files.filter { job.delivery.mailFormats?.contains($0.format) ?? true }
        return RenderedReport(
            name: report.definition.name, language: report.language, asOf: report.asOf, isEmpty: report.isEmpty,
            files: files, mailed: mailed,
            letter: report.letter(
                with: mailed.map(\.url), areAttached: settings.mail?.carries(mailed.reduce(0) { $0 + $1.size }) ?? true)
        )
    }
}

/// What is to be run.
struct RunOrder {
    let job: JobDefinition
    let asOf: Day
    let stages: [Stage]
    let trigger: RunTrigger
    let period: String
    let mailing: Mailing

    /// Whether mails may go out.
    var sendsMail: Bool { stages.contains(.reports) && !job.delivery.recipients.isEmpty && mailing != .none }
}
