import Domain
import Store

extension JobRunner {
    /// How long another process is waited for before a round of deferred mails is left out.
    private static let lockWait = Duration.seconds(600)

    /// Tries deferred mails again until they are delivered or refused for good, or the time for that is over: that of the
    /// settings, and the timeout of the job. The lock of the database is held while mails are sent, not in between.
    ///
    /// - Parameters:
    ///   - mails: the mails; those that another run has delivered meanwhile are left out.
    ///   - deadline: the moment from which nothing is tried again.
    /// - Returns: those that were not delivered.
    /// - Throws: `RunError.stopped`, and `StoreError` where the ledger cannot be written.
    func redeliver(
        _ mails: [UndeliveredMail], deadline: ContinuousClock.Instant?
    ) async throws -> [UndeliveredMail] {
        guard let settings = settings.mail else { return mails }
        var waiting = mails
        var hopeless: [UndeliveredMail] = []
        for wait in DeferralSchedule(total: settings.retryTime) {
            guard let first = waiting.first, deadline.map({ ContinuousClock.now + wait < $0 }) ?? true else { break }
            onEvent(.retrying(reason: first.reason, wait: wait))
            try await pause(wait, "its mails were tried again")
            let undelivered: [UndeliveredMail]
            do {
                let lock = try await database.runLock(wait: Self.lockWait) { onEvent(.waiting) }
                defer { withExtendedLifetime(lock) {} }
                let outgoing = try waiting.map(\.mail).filter {
                    try database.delivery($0.key)?.state.status != .delivered
                }
                let room = MailRoom(
                    database: database, settings: settings, retry: JobDefinition.Retry(), now: now, onEvent: onEvent)
                undelivered = try await room.send(outgoing)
            } catch RunError.locked {
                // The next round comes.
                continue
            }
            hopeless += undelivered.filter { !$0.isTemporary }
            waiting = undelivered.filter(\.isTemporary)
        }
        return hopeless + waiting
    }

    /// Delivers what a run deferred, and notes with the run what came of it.
    ///
    /// - Parameters:
    ///   - deferred: the mails that were not taken for now; those of the run, and news of failures.
    ///   - last: the last run and its order; `nil` where it failed.
    /// - Returns: what is to be said of the last run; `nil` where it is complete.
    func settle(_ deferred: DeferredMails, of last: (summary: RunSummary, order: RunOrder)?) async throws -> RunError? {
        let mails = deferred.takeAll()
        guard !mails.isEmpty else { return last?.summary.problem }
        let deadline = last.flatMap { last in last.order.job.timeout.map { last.order.startedAt + $0 } }
        let undelivered = try await redeliver(mails, deadline: deadline)
        guard let last, !last.summary.mails.deferred.isEmpty else { return last?.summary.problem }
        var summary = last.summary
        let left = Set(undelivered.map(\.mail.key))
        let delivered = summary.mails.deferred.filter { !left.contains($0.mail.key) }
        summary.mails.delivered += delivered.count
        let healed = Set(delivered.map(\.reason))
        summary.mails.problems.removeAll { healed.contains($0) }
        if !delivered.isEmpty, let end = try database.run(summary.run)?.end {
            try database.finishRun(
                summary.run,
                RunEnd(
                    endedAt: now(), status: summary.status, error: summary.problem?.description, stages: [],
                    deltas: end.deltas))
        }
        if let problem = summary.problem {
            await tellOfFailure(problem, last.order)
            // The news may be deferred as well.
            _ = try await redeliver(deferred.takeAll(), deadline: deadline)
        }
        return summary.problem
    }
}
