import Domain
import Store

/// What is to be run.
struct RunOrder {
    let job: JobDefinition
    let asOf: Day
    let stages: [Stage]
    /// Whether it runs all stages of its job, and not only some that were named.
    let isWhole: Bool
    let trigger: RunTrigger
    let period: String
    let mailing: Mailing
    /// Whether it may publish that there is nothing in place of results.
    let force: Bool
    /// Whether it is followed at once by runs for later days.
    var isFollowed = false
    /// Where mails are kept that the server does not take for now; `nil` where they are not tried again after the run.
    var deferred: DeferredMails?
    /// When it began.
    let startedAt = ContinuousClock.now

    /// Whether mails may go out.
    var sendsMail: Bool { stages.contains(.reports) && !job.delivery.recipients.isEmpty && mailing != .none }
}
