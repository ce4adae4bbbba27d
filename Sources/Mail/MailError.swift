public import Domain

/// Why a mail was not sent.
public struct MailError: Failure, Equatable {
    /// What can be done about it.
    public enum Kind: Sendable {
        /// It may work later.
        case temporary
        /// It will not work until something is changed.
        case permanent
        /// It may have arrived: nobody answered after all of it was sent.
        case uncertain
    }

    /// What can be done about it.
    public var kind: Kind
    /// The server, as the settings name it.
    public var server: String
    /// What the server or the library said, in one line.
    public var reason: String

    /// Server and reason.
    public var description: String { "\(server): \(reason)" }

    /// 69.
    public var status: ExitStatus { .unavailable }
}
