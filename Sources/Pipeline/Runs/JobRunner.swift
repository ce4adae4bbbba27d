import Analytics
public import Domain
import Foundation
import Reports
public import Store

/// Runs jobs on a database: reads, computes the stages, publishes, and renders the reports.
public struct JobRunner: Sendable {
    private let database: any Database
    private let settings: Settings
    private let softwareVersion: String
    private let now: @Sendable () -> Instant
    private let onRetry: @Sendable (any Failure, Duration) -> Void

    /// A runner for a database.
    ///
    /// - Parameters:
    ///   - now: tells the time at which runs begin and end.
    ///   - onRetry: told why a run is tried again, and after which wait.
    public init(
        database: any Database, settings: Settings, softwareVersion: String, now: @escaping @Sendable () -> Instant,
        onRetry: @escaping @Sendable (any Failure, Duration) -> Void = { _, _ in }
    ) {
        self.database = database
        self.settings = settings
        self.softwareVersion = softwareVersion
        self.now = now
        self.onRetry = onRetry
    }

    /// Runs a job for one logical day.
    ///
    /// An error leaves the published results as they were and is noted with the run. Errors that can heal are tried
    /// again as the job says. Where the task is cancelled, the run ends before its next step.
    ///
    /// - Parameter only: the stages to run; `nil` for those of the job.
    public func run(
        _ job: JobDefinition, asOf: Day, only: [Stage]? = nil, trigger: RunTrigger
    ) async throws -> RunSummary {
        let reports = try definitions(of: job, only: only)
        var wait = job.retry.wait
        for _ in 1..<max(job.retry.attempts, 1) {
            do {
                return try await attempt(job, asOf: asOf, only: only, reports: reports, trigger: trigger)
            } catch let error as StoreError where error.canHeal {
                onRetry(error, wait)
                do {
                    try await Task.sleep(for: wait)
                } catch {
                    throw RunError.stopped(before: "it was tried again")
                }
                wait *= 2
            }
        }
        return try await attempt(job, asOf: asOf, only: only, reports: reports, trigger: trigger)
    }

    /// Computes a run again from the records as they are now, as of its day and with its settings.
    ///
    /// - Returns: the digest of what it would publish, in hexadecimal.
    public static func digest(ofComputingAgain run: RunRecord, in database: any Database) async throws -> String {
        let clinic = try database.clinic(asOf: run.start.asOf, in: run.start.settings.timezone)
        var steps = RunSteps()
        let results = try await compute(
            run.end?.stages.map(\.stage) ?? [], of: clinic, successRating: run.start.settings.successRating,
            steps: &steps)
        return ResultsDigest.hexadecimal(of: results)
    }

    /// The job's reports, read before anything is computed, so that a wrong definition costs no run.
    private func definitions(of job: JobDefinition, only: [Stage]?) throws -> [ReportDefinition] {
        guard (only ?? job.stages).contains(.reports) else { return [] }
        return try job.reports.map { try ReportDefinition(named: $0, in: settings.reports) }
    }

    private func attempt(
        _ job: JobDefinition, asOf: Day, only: [Stage]?, reports: [ReportDefinition], trigger: RunTrigger
    ) async throws -> RunSummary {
        let run = try database.beginRun(
            RunStart(
                job: job.name, asOf: asOf, trigger: trigger, startedAt: now(), softwareVersion: softwareVersion,
                modelVersion: Ensemble.version,
                settings: RunSettings(timezone: settings.timezone, successRating: settings.successRating)))
        var steps = RunSteps(of: job)
        do {
            let summary = try await perform(
                job, run: run, asOf: asOf, stages: only ?? job.stages, reports: reports, steps: &steps)
            try database.finishRun(
                run,
                RunEnd(endedAt: now(), status: .succeeded, error: nil, stages: steps.records))
            return summary
        } catch {
            // The error that ended the run is the one to tell, even if it cannot be noted.
            let status: RunStatus = if case RunError.stopped = error { .stopped } else { .failed }
            try? database.finishRun(
                run, RunEnd(endedAt: now(), status: status, error: "\(error)", stages: steps.records))
            throw error
        }
    }

    private func perform(
        _ job: JobDefinition, run: RunID, asOf: Day, stages: [Stage], reports: [ReportDefinition],
        steps: inout RunSteps
    ) async throws -> RunSummary {
        let computation =
            try await stages.contains { $0 != .reports }
            ? computeAndPublish(run: run, asOf: asOf, stages: stages, steps: &steps) : nil
        var files: [ReportFile] = []
        if stages.contains(.reports) {
            files = try await steps.timeReports { try render(reports, for: job) }
            steps.note(.reports, rowsWritten: files.count)
        }
        return RunSummary(
            job: job.name, run: run, asOf: asOf, computation: computation, files: files, seconds: steps.seconds)
    }

    private func computeAndPublish(
        run: RunID, asOf: Day, stages: [Stage], steps: inout RunSteps
    ) async throws -> RunSummary.Computation {
        let clinic = try await steps.time("read") { try database.clinic(asOf: asOf, in: settings.timezone) }
        let before = try database.readPublished { try $0.origins() }
        let results = try await Self.compute(
            stages, of: clinic, successRating: settings.successRating, steps: &steps)
        // On one core, while the store publishes on the other.
        async let digest = ResultsDigest.hexadecimal(of: results)
        let publication = try await steps.time("publish") {
            try database.publish(results, of: clinic, run: run)
        }
        for (stage, rows) in publication.rowsWritten { steps.note(stage, rowsWritten: rows) }
        try database.noteDigest(await digest, of: run)
        return RunSummary.Computation(
            of: clinic, results: results, replacedDay: before.values.map(\.asOf).max(), publication: publication,
            digest: await digest)
    }

    private static func compute(
        _ stages: [Stage], of clinic: Clinic, successRating: Rating, steps: inout RunSteps
    ) async throws -> Results {
        var results = Results(
            asOf: clinic.asOf, herbs: clinic.herbs.termNames, conditions: clinic.conditions.termNames)
        guard stages.contains(where: { $0 != .reports }) else { return results }
        // The other stages rest on the tallies, so these are computed even where they are not published.
        let effectiveness = try await steps.time(.effectiveness, rowsRead: clinic.cases.count) {
            Analytics.effectiveness(of: clinic, successRating: successRating)
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
                Analytics.cohorts(of: clinic, tallies: effectiveness.tallies[.cohort] ?? Keyed())
            }
        }
        if stages.contains(.scores) {
            results.predictions = try await steps.time(.scores, rowsRead: clinic.recommendations.ids.count) {
                await Analytics.scores(
                    of: clinic, tallies: effectiveness.tallies, successRating: successRating
                ).predictions
            }
        }
        return results
    }

    private func render(_ reports: [ReportDefinition], for job: JobDefinition) throws -> [ReportFile] {
        try database.readPublished { published in
            try reports.flatMap { definition in
                if Task.isCancelled { throw RunError.stopped(before: "the report \(definition.name)") }
                let languages = job.languages ?? [definition.language ?? settings.language]
                return try languages.flatMap { language in
                    // Several languages would have the same names.
                    let folder =
                        languages.count == 1 ? settings.output : settings.output.appending(path: language.rawValue)
                    return try Report(
                        definition, from: published, language: language, minimumSamples: settings.minimumSamples
                    ).write(
                        to: folder, formats: job.formats ?? definition.formats,
                        csvByteOrderMark: settings.csvByteOrderMark)
                }
            }
        }
    }
}

extension StoreError {
    /// Whether the same run may succeed a little later.
    fileprivate var canHeal: Bool {
        switch self {
        case .busy, .cannotWrite: true
        case .missing, .unknownEngine, .notADatabase, .tooNew, .exists, .engine: false
        }
    }
}
