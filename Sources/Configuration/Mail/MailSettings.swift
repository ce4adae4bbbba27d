/// How reports go out by mail.
public struct MailSettings: Sendable, Equatable {
    /// The server that they are handed to.
    public var server: MailServer
    /// Whose mails they are.
    public var from: MailAddress
    /// The most that the files of one mail may have together, in bytes; larger ones are only named.
    public var limit: Int

    /// How long mails are tried again that the server does not take for now; zero where they are not.
    public var retryTime: Duration

    /// `retryTime` where nothing is said; servers that greylist take a mail after some minutes, and few after more hours.
    public static let standardRetryTime = Duration.seconds(4 * 3600)

    /// Where nothing is said; many servers take no more, as files grow by a third on the way.
    public static let standardLimit = 10 << 20

    /// Whether files of so many bytes together may go with a mail.
    public func carries(_ bytes: Int) -> Bool { bytes <= limit }

    /// Mail by way of a server.
    public init(
        server: MailServer, from: MailAddress, limit: Int = standardLimit, retryTime: Duration = standardRetryTime
    ) {
        self.retryTime = retryTime
        self.server = server
        self.from = from
        self.limit = limit
    }
}
