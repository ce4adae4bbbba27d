public import Domain
import Store

extension JobRunner {
    /// Does what is asked of a job, as the only one that runs on the database: for each day that this means, one after the
    /// other. Of several days, only the reports of the last are mailed.
    ///
    /// Mails that the server does not take for now are tried again afterwards, for as long as the settings say; others may run
    /// on the database meanwhile.
    ///
    /// Where somebody names a first and a last day in the past, the results of the latest day that was published before are
    /// computed and published again at the end, without reports, also where a day failed.
    ///
    /// - Parameters:
    ///   - only: the stages to run; `nil` for those of the job.
    ///   - wait: how long to wait while another process runs on the database.
    ///   - mails: whether mails go out.
    ///   - force: whether it runs for days without records, and publishes that there is nothing in place of results.
    ///   - onFinish: called with the summary of each day's run, and whether it is the last.
    /// - Throws: `RunError.locked` where another process still runs; the error that ended a run, which ends it all. Where only
    ///   reports or mails failed, all days run first.
    public func run(
        _ job: JobDefinition, as request: RunRequest, only: [Stage]? = nil, wait: Duration = .zero, mails: Bool = true,
        force: Bool = false, onFinish: (RunSummary, _ isLast: Bool) throws -> Void = { _, _ in }
    ) async throws {
        let deferred = settings.mail.flatMap { $0.retryTime > .zero ? DeferredMails() : nil }
        let outcome: (last: (RunSummary, RunOrder)?, problem: RunError?)
        do {
            outcome = try await runDays(
                job, as: request, only: only, wait: wait, mails: mails, force: force, deferred: deferred, onFinish)
        } catch {
            // The error of the run is the one to report; the news of it may be deferred.
            if let deferred, !Task.isCancelled { _ = try? await settle(deferred, of: nil) }
            throw error
        }
        var problem = outcome.last?.0.problem
        if let deferred {
            problem = try await settle(deferred, of: outcome.last.map { (summary: $0.0, order: $0.1) })
        }
        if let problem = problem ?? outcome.problem { throw problem }
    }

    /// - Parameter deferred: where mails are kept that the server does not take for now.
    /// - Returns: the run of the last day, and what is to be said of the days before.
    private func runDays(
        _ job: JobDefinition, as request: RunRequest, only: [Stage]?, wait: Duration, mails: Bool, force: Bool,
        deferred: DeferredMails?, _ onFinish: (RunSummary, _ isLast: Bool) throws -> Void
    ) async throws -> (last: (RunSummary, RunOrder)?, problem: RunError?) {
        let lock = try await database.runLock(wait: wait) { onEvent(.waiting) }
        defer { withExtendedLifetime(lock) {} }
        let deaths = try database.noteDeaths()
        for run in deaths { onEvent(.died(run)) }
        let past = try database.pastPublication(today: settings.timezone.day(of: now()))
        // Asked once the lock is held, so that of several that start together one runs.
        let plan = try job.plan(for: request, in: database, settings: settings, now: now(), force: force)
        if plan.days.isEmpty { onEvent(.idle(reason: plan.idleReason)) }
        // A run up to the latest day mends it anyway.
        if let past, !deaths.isEmpty || plan.days.last.map({ $0 < past.latestDay }) ?? false {
            onEvent(.publishedPast(past))
        }
        let latest = try past?.latestDay ?? database.readPublished { try $0.origins() }.values.map(\.asOf).max()
        let goesBack = request.isRange
        func goBack() async throws {
            guard goesBack, let latest else { return }
            try await publishAgain(job, asOf: latest, only: only, force: force) { try onFinish($0, false) }
        }
        var problem: RunError?
        var last: (RunSummary, RunOrder)?
        do {
            for day in plan.days {
                let isLast = day == plan.days.last
                let order = RunOrder(
                    job: job, asOf: day, stages: job.stages(only: only), isWhole: only == nil, trigger: plan.trigger,
                    period: plan.period(of: day), mailing: mails ? (isLast ? .all : .laterDayFollows) : .none,
                    force: force, isFollowed: !isLast || goesBack && latest.map { day < $0 } ?? false,
                    deferred: deferred)
                let summary = try await run(order)
                try onFinish(summary, isLast)
                if isLast { last = (summary, order) } else { problem = summary.problem ?? problem }
            }
        } catch {
            // The first error is the one to report. Where the process is to end, the next run says what is published.
            if !Task.isCancelled { try? await goBack() }
            throw error
        }
        try await goBack()
        return (last, problem)
    }

    /// Publishes the results of a day again where those of some stages of a job are of an earlier day, without reports.
    private func publishAgain(
        _ job: JobDefinition, asOf day: Day, only: [Stage]?, force: Bool, onFinish: (RunSummary) throws -> Void
    ) async throws {
        let origins = try database.readPublished { try $0.origins() }
        let stages = job.stages(only: only).filter { stage in origins[stage].map { $0.asOf < day } ?? false }
        guard !stages.isEmpty else { return }
        try onFinish(
            await run(job, asOf: day, only: stages, trigger: .manual, mailing: .none, force: force))
    }

    /// Refuses to publish that there is nothing in place of results: an as-of day before the first feedback, or records that
    /// are gone, are mistakes more often than not.
    ///
    /// - Throws: `RunError.nothingToPublish`.
    func refuseEmptyPlace(of results: Results, _ clinic: Clinic) throws {
        guard clinic.cases.count == 0 else { return }
        let loses = try database.readPublished { published in
            // Only what is asked for is read, and it is seldom asked for.
            if results.effectiveness != nil, try published.tallies(at: .overall).count > 0 { return true }
            if results.trends != nil, try published.trends(at: .overall).count > 0 { return true }
            if results.cohorts != nil, try published.cohorts().count > 0 { return true }
            guard let scores = results.scores, scores.predictions.count == 0 else { return false }
            return try !published.rankedRecommendations().isEmpty
        }
        guard loses else { return }
        let origins = try database.readPublished { try $0.origins() }
        throw RunError.nothingToPublish(asOf: results.asOf, published: origins.values.map(\.asOf).max() ?? results.asOf)
    }
}

extension RunRequest {
    /// Whether somebody named both a first and a last day.
    fileprivate var isRange: Bool {
        if case .days(.some, .some) = self { true } else { false }
    }
}
