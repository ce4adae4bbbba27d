import Configuration
import Domain
import Foundation
import Reports
import Store

/// A report of a run in one language, with its files.
struct RenderedReport {
    let name: String
    let language: Language
    /// The day that its numbers are of.
    let asOf: Day
    /// Whether it has no row to show.
    let isEmpty: Bool
    let files: [ReportFile]
    /// The files that are mailed.
    let mailed: [ReportFile]
    let letter: Letter

    var folder: URL? { files.first?.url.deletingLastPathComponent() }
}

/// Whether a run's reports go out by mail.
public enum Mailing: Sendable {
    /// To the job's recipients.
    case all
    /// To nobody, as a later day follows whose reports do.
    case laterDayFollows
    /// To nobody, as the operator has it.
    case none
}

/// What came of a run's mails.
public struct MailOutcome: Sendable {
    /// How many were delivered.
    public internal(set) var delivered = 0
    /// Why others were not, one reason each.
    public internal(set) var problems: [String] = []
    /// Those of the others that the server may take later.
    var deferred: [UndeliveredMail] = []
    /// Why old report files could not be deleted; `nil` where they could.
    var removalError: UnwritableFile?
}

/// Delivers what a run rendered: notes the files in its folder, deletes old ones, and sends the mails.
struct ReportDelivery {
    let job: JobDefinition
    let run: RunID
    let period: String
    let mailing: Mailing
    let database: any ClinicStore
    let now: @Sendable () -> Instant
    let onEvent: @Sendable (RunEvent) -> Void

    /// Delivers the reports that are complete, and notes those that failed.
    ///
    /// - Parameters:
    ///   - room: where mails are sent; `nil` where the settings have none, and then the job has no recipients.
    ///   - asOf: the logical day of the run.
    func deliver(_ rendered: RenderedReports, by room: MailRoom?, asOf: Day) async throws -> MailOutcome {
        let reports = rendered.complete
        for failure in rendered.failures { try note(failure, asOf: asOf) }
        for report in reports {
            try note(
                report, .folder, to: report.folder?.path ?? "", .delivered, reason: nil,
                files: report.files.map(\.url.path))
        }
        var outcome = MailOutcome()
        if let room {
            let mails = try outgoing(reports)
            let undelivered = try await room.send(mails)
            outcome.problems = undelivered.map(\.reason)
            outcome.deferred = undelivered.filter(\.isTemporary)
            outcome.delivered = mails.count - outcome.problems.count
        }
        do {
            try removeOld(reports)
        } catch let error as UnwritableFile {
            outcome.removalError = error
        }
        return outcome
    }

    private func key(_ report: RenderedReport, _ channel: DeliveryChannel, _ recipient: String) -> DeliveryKey {
        DeliveryKey(
            job: job.name, period: period, report: report.name, language: report.language, channel: channel,
            recipient: recipient)
    }

    /// The mails that are to be sent; those that are not are noted with the reason.
    private func outgoing(_ reports: [RenderedReport]) throws -> [OutgoingMail] {
        var mails: [OutgoingMail] = []
        for report in reports {
            for recipient in job.delivery.recipients {
                let known = try database.delivery(key(report, .mail, recipient.address))?.state.status
                // A run that is repeated sends nothing twice.
                if known == .delivered { continue }
                if let reason = reasonToSkip(report) {
                    // What was tried and failed says more than that it is not tried again.
                    if known == nil || known == .skipped {
                        try note(
                            report, .mail, to: recipient.address, .skipped, reason: reason,
                            files: report.mailed.map(\.url.path))
                    }
                    continue
                }
                mails.append(
                    OutgoingMail(
                        key: key(report, .mail, recipient.address), to: recipient, letter: report.letter,
                        files: report.mailed.map(\.url), asOf: report.asOf, run: run))
            }
        }
        return mails
    }

    private func reasonToSkip(_ report: RenderedReport) -> String? {
        switch mailing {
        case .none: "mail was not wanted"
        case .laterDayFollows: "a later day followed at once"
        case .all: report.isEmpty ? "no row to show" : nil
        }
    }

    private func note(
        _ report: RenderedReport, _ channel: DeliveryChannel, to recipient: String, _ status: DeliveryStatus,
        reason: String?, files: [String]
    ) throws {
        let key = key(report, channel, recipient)
        let state = DeliveryState(
            status: status, reason: reason, run: run, asOf: report.asOf, subject: report.letter.subject,
            text: report.letter.text, files: files, attempts: channel == .folder ? 1 : 0, notedAt: now())
        try database.noteDelivery(key, state)
        onEvent(.delivery(key, state))
    }

    private func note(_ failure: ReportFailure, asOf: Day) throws {
        let key = DeliveryKey(
            job: job.name, period: period, report: failure.report, language: failure.language, channel: .folder,
            recipient: failure.folder.path)
        let state = DeliveryState(
            status: .failed, reason: "\(failure.error)", run: run, asOf: asOf, subject: "", text: "", files: [],
            attempts: 1, notedAt: now())
        try database.noteDelivery(key, state)
        onEvent(.delivery(key, state))
    }

    private func removeOld(_ reports: [RenderedReport]) throws {
        guard let keep = job.delivery.keep else { return }
        for (folder, reports) in Dictionary(grouping: reports, by: \.folder) {
            guard let folder else { continue }
            let gone = try keep.apply(to: Set(reports.map(\.name)), in: folder)
            if !gone.isEmpty { onEvent(.removed(count: gone.count, folder: folder.relativePath)) }
        }
    }
}
