import Domain
public import Foundation

/// The server that mail is handed to.
public struct MailServer: Sendable, Equatable {
    /// Name of the host in its ASCII form, or its address.
    public var host: String
    /// Its port.
    public var port: Int
    /// How what is said to it is kept secret.
    public var security: Security
    /// Who logs in; `nil` where nobody does.
    public var user: String?
    /// The file whose first line is the password.
    public var passwordFile: URL?
    /// The certificates that are trusted, where it is not those of the system.
    public var certificates: URL?

    /// How a connection is kept secret.
    public enum Security: String, CaseIterable, Sendable {
        /// It begins in the open and turns to TLS before anything is said; refused where the server cannot.
        case startTLS = "starttls"
        /// TLS from the beginning.
        case tls
        /// Not at all: for a server on the same machine.
        case none

        /// The port where none is named.
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

    /// Splits `mail.clinic.example:587` or `[::1]:25`; `nil` where it is neither a host nor a host with a port. A name in
    /// other letters than ASCII is converted to Punycode.
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
