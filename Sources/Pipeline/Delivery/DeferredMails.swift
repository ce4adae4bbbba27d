import Domain
import Synchronization

/// A mail that was not delivered.
struct UndeliveredMail: Sendable {
    var mail: OutgoingMail
    /// Recipient and reason, in one line.
    var reason: String
    /// Whether the same mail may be taken later.
    var isTemporary: Bool
}

/// Mails of a run that the server did not take for now, as greylisting has it (RFC 6647): it takes them some minutes or
/// hours later. They are tried again once the run has ended, while others may use the database.
final class DeferredMails: Sendable {
    private let mails = Mutex<[UndeliveredMail]>([])

    /// Keeps those of some mails that may be taken later.
    func add(_ undelivered: [UndeliveredMail]) {
        mails.withLock { $0 += undelivered.filter(\.isTemporary) }
    }

    /// Removes and returns all that are kept.
    func takeAll() -> [UndeliveredMail] {
        mails.withLock { mails in
            defer { mails = [] }
            return mails
        }
    }
}

/// When deferred mails are tried again: after 5 minutes, which is what servers ask for most often, then after waits that
/// double up to one hour.
struct DeferralSchedule: Sequence, IteratorProtocol {
    private var wait = Duration.seconds(300)
    private var left: Duration

    private static let maxWait = Duration.seconds(3600)

    /// - Parameter total: how long they are tried again in all.
    init(total: Duration) {
        left = total
    }

    /// The next wait; `nil` where the time is over.
    mutating func next() -> Duration? {
        guard left > .zero else { return nil }
        defer { wait = Swift.min(wait * 2, Self.maxWait) }
        let next = Swift.min(wait, left)
        left -= next
        return next
    }
}
