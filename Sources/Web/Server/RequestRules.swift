import Domain
import HTTPTypes
import Hummingbird
import NIOHTTP1

/// What every request must be like, whatever it asks for (RFC 9110, RFC 9112).
enum RequestRules {
    /// Limits of the decoder. They are wider than ours, so that what exceeds ours is still read and answered in turn.
    static var decoderLimits: NIOHTTPDecoderLimitConfiguration {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = 48 << 10
        limits.maxHeaderListSize = 96 << 10
        limits.maxHeaderFieldCount = 400
        return limits
    }

    /// Why a request is refused before it is looked at any further; `nil` if it is not.
    ///
    /// - Parameter acceptsFollowers: whether diagnoses can be followed where it came.
    static func problem(of head: HTTPRequestHead, acceptsFollowers: Bool) -> Problem? {
        guard head.uri.utf8.count <= NetworkLimits.target else {
            return Problem(.uriTooLong, "a request target may have \(NetworkLimits.target) bytes")
        }
        guard head.headers.count <= NetworkLimits.headerLines else {
            return tooLarge("a request may have \(NetworkLimits.headerLines) header lines")
        }
        var bytes = 0
        for (name, value) in head.headers {
            let length = name.utf8.count + value.utf8.count
            guard length <= NetworkLimits.headerLine else {
                return tooLarge("a header line may have \(NetworkLimits.headerLine) bytes")
            }
            bytes += length
        }
        guard bytes <= NetworkLimits.headers else {
            return tooLarge("header lines may have \(NetworkLimits.headers) bytes together")
        }
        let hosts = head.headers["host"].count
        guard hosts == 1 || hosts == 0 && head.isHTTP10 else {
            return Problem(.badRequest, hosts == 0 ? "Host: is missing" : "Host: is repeated")
        }
        guard acceptsFollowers else { return nil }
        do {
            // A request for a diagnosis that can be upgraded is not a problem, and goes to the relay.
            _ = try FollowTarget(head)
            return nil
        } catch {
            return error
        }
    }

    /// How a request is answered that the decoder does not accept.
    static func problem(of error: HTTPParserError) -> Problem {
        switch error {
        case .headerOverflow: tooLarge("the request target or the header lines are too large")
        case .invalidVersion: Problem(.badRequest, "the request line does not end with HTTP/1.1 or HTTP/1.0")
        default: Problem(.badRequest, "the request is not valid HTTP/1.1")
        }
    }

    private static func tooLarge(_ detail: String) -> Problem { Problem(.requestHeaderFieldsTooLarge, detail) }

    /// Whether a connection ends with the answer to a request (RFC 9112, 9.3).
    static func isLast(_ head: HTTPRequestHead) -> Bool {
        let options = head.headers["connection"].listMembers
        return options.contains("close") || head.isHTTP10 && !options.contains("keep-alive")
    }
}

extension HTTPRequestHead {
    /// Whether it is of HTTP/1.0, which knows neither persistent connections nor upgrades.
    var isHTTP10: Bool { version.minor == 0 }

    /// Whether the client sends the body only after `100 Continue`.
    var waitsForContinue: Bool { !isHTTP10 && headers["expect"].listMembers.contains("100-continue") }
}

extension HTTPResponseHead {
    /// Asks a client to send the body of its request.
    static var goOn: HTTPResponseHead { HTTPResponseHead(version: .http1_1, status: .continue) }
}
