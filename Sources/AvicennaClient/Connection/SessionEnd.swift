import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket

/// How a connection ended.
struct SessionEnd: Sendable {
    /// What the server, or the system, says.
    var reason: String
    /// Whether trying again with the same token would end the same way.
    var isFinal = false

    init(reason: String) {
        self.reason = reason
    }

    /// An end by a close of the server.
    init(_ code: WebSocketErrorCode?, _ reason: String) {
        let number = code.map { UInt16(webSocketErrorCode: $0) } ?? 1005
        self.reason = reason.isEmpty ? "the server ends the connection (\(number))" : reason
        // Not allowed, and revoked. One that has expired (4001) is replaced by who gives us tokens.
        isFinal = number == 1008 || number == 4003
    }

    /// What to throw where the server answers without an upgrade.
    static func refusal(_ status: HTTPResponseStatus) -> any Error {
        // 426 is what a server says where a proxy has removed the header field Upgrade.
        if (200..<400).contains(status.code) || status == .upgradeRequired {
            return ServerProblem.notWebSocket(status: Int(status.code), phrase: status.reasonPhrase)
        }
        let reason = "it answers with \(status.code) \(status.reasonPhrase)"
        return (400..<500).contains(status.code) && status != .requestTimeout && status != .tooManyRequests
            ? LiveError.refused(reason) : Refusal(description: reason)
    }

    /// What to throw where the server closes the connection without an answer, as one that expects TLS does, but also a proxy
    /// whose server is restarting.
    static func noAnswer(isSecure: Bool) -> any Error {
        Refusal(
            description: "the server ends the connection without an answer"
                + (isSecure ? "" : "; if it expects TLS, write wss:// in place of ws://"))
    }

    private struct Refusal: Error, CustomStringConvertible {
        var description: String
    }

    /// What stood against a connection, in a few words.
    static func reason(of error: any Error) -> String {
        if let problem = ServerProblem(error) { return "\(problem)" }
        switch error {
        case let error as NIOConnectionError:
            if let first = error.connectionErrors.first { return reason(of: first.error) }
            return "there is no server named \(error.host)"
        case let error as IOError: return String(cString: strerror(error.errnoCode)).lowercased()
        case let error as ChannelError where error == .eof || error == .ioOnClosedChannel || error == .alreadyClosed:
            return "the server ends the connection"
        case ChannelError.connectTimeout: return "the server does not answer"
        default: return "\(error)"
        }
    }
}
