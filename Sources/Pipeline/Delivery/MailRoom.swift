import Configuration
import Crypto
import Domain
import Foundation
import Mail
import Reports
import Store

/// A mail that is to go out, with its row of the ledger.
struct OutgoingMail {
    var key: DeliveryKey
    /// The recipient with the display name; its address is that of the key.
    var to: MailAddress
    var letter: Letter
    /// The files that it is about.
    var files: [URL]
    /// The day that its numbers are of.
    var asOf: Day
    /// The run that it comes from.
    var run: RunID
}

/// Sends mails and notes in the ledger what becomes of each.
struct MailRoom {
    let database: any ClinicStore
    let settings: MailSettings
    let retry: JobDefinition.Retry
    /// The moment from which nothing is tried again.
    var deadline: ContinuousClock.Instant?
    /// Whether nothing is sent that cannot be noted first.
    var needsLedger = true
    let now: @Sendable () -> Instant
    let onEvent: @Sendable (RunEvent) -> Void

    /// Sends mails one after the other; those that may work later are tried again after all others, with growing waits.
    /// What went wrong with one does not hold up another.
    ///
    /// - Returns: those that were not delivered.
    /// - Throws: `RunError.stopped`, and `StoreError` where the ledger cannot be written.
    func send(_ mails: [OutgoingMail]) async throws -> [UndeliveredMail] {
        guard !mails.isEmpty else { return [] }
        let session: MailSession
        do {
            session = try MailSession(settings.server)
        } catch let error as any Failure {
            for mail in mails { try note(mail, .failed, reason: error.description, attempt: false) }
            return mails.map {
                UndeliveredMail(mail: $0, reason: "\($0.key.recipient): \(error)", isTemporary: false)
            }
        }
        var waiting = mails
        var wait = retry.wait
        var hopeless: [UndeliveredMail] = []
        for round in 1...retry.attempts {
            var again: [UndeliveredMail] = []
            for mail in waiting {
                if Task.isCancelled { throw RunError.stopped(before: "the mail to \(mail.key.recipient)") }
                guard let problem = try send(mail, by: session) else { continue }
                let undelivered = UndeliveredMail(
                    mail: mail, reason: "\(mail.key.recipient): \(problem.failure)", isTemporary: problem.canHeal)
                if problem.canHeal { again.append(undelivered) } else { hopeless.append(undelivered) }
            }
            let isLate = deadline.map { ContinuousClock.now + wait >= $0 } ?? false
            guard let first = again.first, round < retry.attempts, !isLate else {
                return hopeless + again
            }
            waiting = again.map(\.mail)
            onEvent(.retrying(reason: first.reason, wait: wait))
            try await RunError.pause(for: wait, before: "its mails were tried again")
            wait *= 2
        }
        return hopeless
    }

    /// - Returns: what went wrong, and whether it may heal; `nil` where it was delivered.
    private func send(_ mail: OutgoingMail, by session: MailSession) throws -> (failure: any Failure, canHeal: Bool)? {
        // Noted before it happens: a process that ends here leaves behind what nobody can know.
        let messageID = try note(mail, .unknown, reason: "was being sent", attempt: true)
        do {
            // A file that is not there is told of where it is to be sent.
            let sizes = mail.files.map { (try? $0.resourceValues(forKeys: [.fileSizeKey]).fileSize) ?? 0 }
            let attachments = settings.carries(sizes.reduce(0, +)) ? mail.files : []
            try session.send(
                MailMessage(
                    from: settings.from, to: mail.to, subject: mail.letter.subject, text: mail.letter.text,
                    language: mail.letter.language, attachments: attachments, messageID: messageID, date: now()))
            try note(mail, .delivered, reason: nil, attempt: false)
            return nil
        } catch let error as MailError {
            try note(mail, error.kind == .uncertain ? .unknown : .failed, reason: error.description, attempt: false)
            return (error, error.kind != .permanent)
        } catch let error as MissingFile {
            try note(mail, .failed, reason: error.description, attempt: false)
            return (error, false)
        }
    }

    /// - Returns: the mail's `Message-ID`.
    @discardableResult
    private func note(
        _ mail: OutgoingMail, _ status: DeliveryStatus, reason: String?, attempt: Bool
    ) throws -> String {
        let known = try ledger { try database.delivery(mail.key) }??.state
        // A mail that arrived and is asked for once more is another one.
        let isAnother = attempt && known?.status == .delivered
        let attempts = (known?.attempts ?? 0) + (attempt ? 1 : 0)
        let messageID = isAnother ? nil : known?.messageID
        let state = DeliveryState(
            status: status, reason: reason, run: mail.run, asOf: mail.asOf,
            messageID: messageID ?? mail.key.messageID(attempt: attempts, domain: settings.from.domain),
            subject: mail.letter.subject, text: mail.letter.text, files: mail.files.map(\.path),
            attempts: attempts, notedAt: now())
        _ = try ledger { try database.noteDelivery(mail.key, state) }
        if !attempt { onEvent(.delivery(mail.key, state)) }
        return state.messageID ?? ""
    }

    /// - Returns: `nil` where the ledger fails and is not needed.
    private func ledger<Value>(_ body: () throws -> Value) throws -> Value? {
        do {
            return try body()
        } catch  where !needsLedger {
            return nil
        }
    }
}

extension DeliveryKey {
    /// A `Message-ID` that is the same whenever the same mail is made.
    fileprivate func messageID(attempt: Int, domain: Substring) -> String {
        let text = [job, period, report, language.rawValue, channel.rawValue, recipient, "\(max(attempt, 1))"]
            .joined(separator: "\n")
        return "\(SHA256.hash(data: Data(text.utf8)).prefix(16).hexadecimal)@\(domain)"
    }
}
