public import Domain

/// Stands for a row of the ledger in `DeliveryID`.
public enum Delivery: Sendable {}

/// The number of a row of the delivery ledger.
public typealias DeliveryID = Identifier<Delivery>

/// How something reaches its recipient.
public enum DeliveryChannel: String, CaseIterable, Sendable {
    /// As files in a folder.
    case folder
    /// A report by mail.
    case mail
    /// The news that a run failed, by mail.
    case alert
}

/// What became of a delivery.
public enum DeliveryStatus: String, CaseIterable, Sendable {
    /// The files stand in the folder, or the mail server has taken the mail on.
    case delivered
    /// There was nothing to say, so nothing was sent.
    case skipped
    /// It was refused, or nobody answered.
    case failed
    /// It may or may not have arrived: the process or the connection ended between sending and the answer.
    case unknown
}

/// What a delivery is of, and to whom: one row of the ledger.
public struct DeliveryKey: Hashable, Sendable {
    /// Name of the job.
    public var job: String
    /// The time of the job's schedule that it belongs to: a day, or a time of day where the job runs more often.
    public var period: String
    /// Name of the report; empty for an alert.
    public var report: String
    /// The language that it is written in.
    public var language: Language
    /// How it goes.
    public var channel: DeliveryChannel
    /// The folder, or the address.
    public var recipient: String

    /// What goes to whom.
    public init(
        job: String, period: String, report: String, language: Language, channel: DeliveryChannel, recipient: String
    ) {
        self.job = job
        self.period = period
        self.report = report
        self.language = language
        self.channel = channel
        self.recipient = recipient
    }
}

/// How a delivery stands.
public struct DeliveryState: Equatable, Sendable {
    /// What became of it.
    public var status: DeliveryStatus
    /// Why it was skipped, failed or is unknown, in one line.
    public var reason: String?
    /// The run that it came from last.
    public var run: RunID
    /// The day that its numbers are of.
    public var asOf: Day
    /// The mail's `Message-ID` without brackets; the same each time the same mail is sent, so that a mail that comes twice
    /// can be known as one. `nil` where it is no mail.
    public var messageID: String?
    /// Subject of the mail.
    public var subject: String
    /// Text of the mail.
    public var text: String
    /// The files that it consists of, or that stand ready where a mail cannot carry them.
    public var files: [String]
    /// How often it was tried.
    public var attempts: Int
    /// When this was noted.
    public var notedAt: Instant

    /// How a delivery stands.
    public init(
        status: DeliveryStatus, reason: String? = nil, run: RunID, asOf: Day, messageID: String? = nil,
        subject: String = "", text: String = "", files: [String], attempts: Int, notedAt: Instant
    ) {
        self.status = status
        self.reason = reason
        self.run = run
        self.asOf = asOf
        self.messageID = messageID
        self.subject = subject
        self.text = text
        self.files = files
        self.attempts = attempts
        self.notedAt = notedAt
    }
}

/// A row of the delivery ledger.
public struct DeliveryRecord: Equatable, Sendable {
    /// Its number.
    public var id: DeliveryID
    /// What it is of, and to whom.
    public var key: DeliveryKey
    /// How it stands.
    public var state: DeliveryState

    /// A delivery as it is recorded.
    public init(id: DeliveryID, key: DeliveryKey, state: DeliveryState) {
        self.id = id
        self.key = key
        self.state = state
    }
}
