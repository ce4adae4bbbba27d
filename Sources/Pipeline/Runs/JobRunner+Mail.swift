import Configuration
import Domain
import Foundation
import Reports
public import Store

extension JobRunner {
    /// Sends the mail of a row of the ledger again, with the files as they stand. The caller holds the lock of the database.
    ///
    /// - Throws: `RunError.noMail` where the row is of no mail, `RunError.notSent`, `RunError.noMailServer`.
    public func resend(_ row: DeliveryRecord) async throws {
        guard row.key.channel != .folder else { throw RunError.noMail(row.id) }
        guard let mail = settings.mail else { throw RunError.noMailServer(job: row.key.job) }
        // The ledger has no display names.
        let job = try? JobDefinition(named: row.key.job, in: settings.jobs)
        let named = (job?.delivery.recipients ?? []) + (job?.toldOfFailure ?? [])
        guard let to = named.first(where: { $0.address == row.key.recipient }) ?? MailAddress(row.key.recipient) else {
            throw RunError.notSent("\(row.key.recipient): is not an address")
        }
        let room = MailRoom(
            database: database, settings: mail, retry: JobDefinition.Retry(), now: now, onEvent: onEvent)
        let undelivered = try await room.send([
            OutgoingMail(
                key: row.key, to: to,
                letter: Letter(subject: row.state.subject, text: row.state.text, language: row.key.language),
                files: row.state.files.map { URL(filePath: $0) }, asOf: row.state.asOf, run: row.state.run)
        ])
        if let first = undelivered.first { throw RunError.notSent(first.reason) }
    }

    func mailRoom(
        _ mail: MailSettings, _ job: JobDefinition, deadline: ContinuousClock.Instant? = nil
    ) -> MailRoom {
        MailRoom(
            database: database, settings: mail, retry: job.retry, deadline: deadline, now: now, onEvent: onEvent)
    }

    /// Mails the news of a failure to those whom the job names, each once for a time of its schedule.
    func tellOfFailure(_ error: any Error, _ order: RunOrder) async {
        if case RunError.stopped = error { return }
        guard let mail = settings.mail, !order.job.toldOfFailure.isEmpty else { return }
        // What stands against the news must not hide what it is about, and a full disk is no reason not to tell it.
        let run = (try? database.latestRun(of: order.job.name)?.id) ?? nil
        let published = try? database.readPublished { try $0.origins() }.values.map(\.asOf).max()
        let letter = Letter(
            ofFailureOf: order.job.name, asOf: order.asOf, because: "\(error)", published: published ?? nil,
            language: settings.language)
        let mails = order.job.toldOfFailure.map { recipient in
            OutgoingMail(
                key: DeliveryKey(
                    job: order.job.name, period: order.period, report: "", language: settings.language,
                    channel: .alert, recipient: recipient.address),
                to: recipient, letter: letter, files: [], asOf: order.asOf, run: run ?? RunID(rawValue: 0))
        }
        let unsent = mails.filter { (try? database.delivery($0.key))??.state.status != .delivered }
        var room = mailRoom(mail, order.job)
        room.needsLedger = false
        if let undelivered = try? await room.send(unsent) { order.deferred?.add(undelivered) }
    }
}
