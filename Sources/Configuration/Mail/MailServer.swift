import Domain
public import Foundation

/// The SMTP server to which mail is submitted.
public struct MailServer: Sendable, Equatable {
    /// The name of the host in its ASCII form, or its address.
    public var host: String
    /// The port, 1…65535.
    public var port: Int
    /// The encryption of the connection.
    public var security: Security
    /// The user name for the login; `nil` for no login.
    public var user: String?
    /// The file whose first line is the password.
    public var passwordFile: URL?
    /// The trusted certificates; `nil` for those of the system.
    public var certificates: URL?

    /// The encryption of a connection.
    public enum Security: String, CaseIterable, Sendable {
        /// STARTTLS before anything else; fails if the server does not support it.
        case startTLS = "starttls"
        /// TLS from the start.
        case tls
        /// None, for a server on the same machine.
        case none

        /// The default port.
        public var port: Int {
            switch self {
            case .startTLS: 587
            case .tls: 465
            case .none: 25
            }
        }
    }

    /// A server without login.
    public init(host: String, port: Int, security: Security) {
        self.host = host
        self.port = port
        self.security = security
    }

    /// Splits `mail.clinic.example:587` or `[::1]:25`; `nil` if it is neither a host nor a host with a port. A name
    /// beyond ASCII is converted to Punycode.
    public static func place(_ text: String) -> (host: String, port: Int?)? {
        var host = text[...]
        var port: Int?
        if let colon = text.lastIndex(of: ":"), !text.hasSuffix("]") {
            let digits = String(text[text.index(after: colon)...]).withPlainDigits
            guard let number = Int(digits), (1...65_535).contains(number) else { return nil }
            port = number
            host = text[..<colon]
        }
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if isBracketed { return HostName.isIPv6(host.dropFirst().dropLast()) ? (String(host), port) : nil }
        return DomainName.ascii(host).map { ($0, port) }
    }
}
