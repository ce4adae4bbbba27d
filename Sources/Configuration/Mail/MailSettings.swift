/// How mail is sent.
public struct MailSettings: Sendable, Equatable {
    /// The server to which mail is submitted.
    public var server: MailServer
    /// The sender.
    public var from: MailAddress
    /// Maximum total size of the files attached to one mail, in bytes; larger ones are only named.
    public var limit: Int

    /// How long temporarily refused mails are retried; zero for never.
    public var retryTime: Duration

    /// The default of `retryTime`: servers with greylisting accept a mail after some minutes, few after more hours.
    public static let standardRetryTime = Duration.seconds(4 * 3600)

    /// The default of `limit`: many servers accept no more, as encoding enlarges files by a third.
    public static let standardLimit = 10 << 20

    /// Whether files of this total size may be attached to a mail.
    public func carries(_ bytes: Int) -> Bool { bytes <= limit }

    /// Mail submitted to a server.
    public init(
        server: MailServer, from: MailAddress, limit: Int = standardLimit, retryTime: Duration = standardRetryTime
    ) {
        self.retryTime = retryTime
        self.server = server
        self.from = from
        self.limit = limit
    }
}
