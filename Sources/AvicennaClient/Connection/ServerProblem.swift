public import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL
import NIOWebSocket

/// Why a server that was reached cannot be used: something that trying again does not change.
public enum ServerProblem: Error, Hashable, Sendable {
    /// Its certificate is not issued by an authority that is trusted.
    case untrustedCertificate
    /// Its certificate has expired, at this time.
    case expiredCertificate(Date)
    /// Its certificate is not valid before this time.
    case certificateNotYetValid(Date)
    /// Its certificate is for another name or address than that of the URL.
    case certificateForOtherName(host: String)
    /// It does not speak TLS.
    case notTLS
    /// It ends the TLS handshake, or speaks another version of TLS; with the words of the TLS library.
    case tlsFailure(String)
    /// It does not speak HTTP.
    case notHTTP
    /// It answers the request for a WebSocket with an HTTP status.
    case notWebSocket(status: Int, phrase: String)
    /// It answers the request for a WebSocket with a handshake that is not valid (RFC 6455, section 4.1).
    case invalidHandshake

    /// The problem behind an error of a connection; `nil` where trying again may help.
    init?(_ error: any Error) {
        switch error {
        case let problem as ServerProblem: self = problem
        case is HTTPParserError: self = .notHTTP
        case is NIOHTTPClientUpgradeError, is NIOWebSocketUpgradeError: self = .invalidHandshake
        default: return nil
        }
    }
}

extension ServerProblem: CustomStringConvertible {
    /// What is wrong and what to do, in one line.
    public var description: String {
        switch self {
        case .untrustedCertificate:
            "the server's certificate is not issued by an authority that is trusted here; name the certificate of its authority"
        case .expiredCertificate(let end):
            "the server's certificate expired at \(end.formatted(.iso8601)); it must be renewed there"
        case .certificateNotYetValid(let start):
            "the server's certificate is not valid before \(start.formatted(.iso8601)); check the clock of this machine"
        case .certificateForOtherName(let host):
            "the server's certificate is not for \(host); connect by a name that it is for"
        case .notTLS:
            "the server does not speak TLS; check the port, or write ws:// in place of wss:// where no TLS is needed"
        case .tlsFailure(let reason): "the TLS handshake with the server failed: \(reason)"
        case .notHTTP: "the server does not speak HTTP; check the port, and write wss:// if it uses TLS"
        case .notWebSocket(let status, let phrase):
            "the server answers with \(status) \(phrase) and opens no WebSocket; check the URL, and that proxies pass on the header field Upgrade"
        case .invalidHandshake: "the server does not speak WebSocket; check the URL"
        }
    }
}
