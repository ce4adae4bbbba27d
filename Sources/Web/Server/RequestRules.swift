import Domain
import HTTPTypes
import Hummingbird
import NIOHTTP1

/// What every request must be like, whatever it asks for (RFC 9110, RFC 9112).
enum RequestRules {
    /// Bytes of a request target.
    static let longestTarget = 8 << 10
    /// Bytes of the name and value of a header line: room for a token, twice.
    static let longestField = 16 << 10
    /// Bytes of all header lines.
    static let longestHeaders = 32 << 10
    /// Header lines.
    static let mostFields = 100

    /// Limits of the decoder. They are wider than ours, so that what exceeds ours is still read and answered in turn.
    static var decoderLimits: NIOHTTPDecoderLimitConfiguration {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = 48 << 10
        limits.maxHeaderListSize = 96 << 10
        limits.maxHeaderFieldCount = 400
        return limits
    }

    /// Why a request is refused before it is looked at any further; `nil` if it is not.
    static func problem(of head: HTTPRequestHead) -> Problem? {
        guard head.uri.utf8.count <= longestTarget else {
            return Problem(.uriTooLong, "a request target may have \(longestTarget) bytes")
        }
        guard head.headers.count <= mostFields else {
            return tooLarge("a request may have \(mostFields) header lines")
        }
        var bytes = 0
        for (name, value) in head.headers {
            let length = name.utf8.count + value.utf8.count
            guard length <= longestField else { return tooLarge("a header line may have \(longestField) bytes") }
            bytes += length
        }
        guard bytes <= longestHeaders else { return tooLarge("header lines may have \(longestHeaders) bytes together") }
        let hosts = head.headers["host"].count
        guard hosts == 1 || hosts == 0 && head.isHTTP10 else {
            return Problem(.badRequest, hosts == 0 ? "Host: is missing" : "Host: is repeated")
        }
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
}
