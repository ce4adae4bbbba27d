import Domain
import Foundation
import Hummingbird
import NIOHTTP1
import Relay

/// A request to follow a diagnosis: `GET /ws/{diagnosis_id}?since=SEQ&epoch=EPOCH` with a WebSocket handshake (RFC 6455, 4.2.1).
struct FollowTarget: Sendable {
    private let diagnosis: DiagnosisID
    private let token: String
    private let since: Int64?
    private let epoch: OutboxEpoch?
    /// The values of the header lines `X-Forwarded-For`.
    let forwardedFor: [String]

    /// The subprotocol that carries a token beside it, for browsers, which cannot send headers.
    private static let bearerProtocol = "bearer"
    /// The header under which `UpgradeFilter` keeps the value of `Upgrade` from the handlers after it. No client can send a
    /// header with this name.
    static let hiddenUpgrade = ":upgrade"

    /// Whether a request asks for a diagnosis, well or badly, or for something else at the same path.
    private static func number(in path: Substring) -> Substring? {
        let parts = path.split(separator: "/")
        return parts.count == 2 && parts[0] == "ws" && parts[1] != "status" && !parts[1].hasPrefix("broadcast-")
            ? parts[1] : nil
    }

    /// Reads a request; `nil` if it is for something else.
    ///
    /// - Throws: `Problem` if it asks for a diagnosis and cannot be upgraded.
    init?(_ head: HTTPRequestHead) throws(Problem) {
        let (path, queryText) = head.uri.requestTarget
        guard let text = Self.number(in: path) else { return nil }
        guard head.method == .GET else {
            var problem = Problem(.methodNotAllowed, "allowed here: GET, with a WebSocket handshake")
            problem.headers[.allow] = "GET"
            throw problem
        }
        guard let number = Int64(text), (1...DiagnosisID.largest).contains(number) else {
            throw Problem(.notFound, "'\(text.prefix(40))' is not the number of a diagnosis; follow one at /ws/NUMBER")
        }
        let query = QueryString(queryText)
        guard !query.isTooLong else {
            throw Problem(.badRequest, "the query has more than \(NetworkLimits.queryParameters) parameters")
        }
        since = try Self.since(query)
        epoch = try Self.epoch(query)
        try Self.checkHandshake(head)
        diagnosis = DiagnosisID(rawValue: number)
        forwardedFor = head.headers["x-forwarded-for"]
        let protocols = head.headers[canonicalForm: "sec-websocket-protocol"]
        token =
            if protocols.first == Self.bearerProtocol[...], protocols.count > 1 {
                String(protocols[1])
            } else {
                BearerToken.read(head.headers["authorization"].first) ?? query["token"] ?? ""
            }
    }

    private static func since(_ query: QueryString) throws(Problem) -> Int64? {
        let values = query.parameters.filter { $0.name == "since" }
        guard let text = values.first?.value else { return nil }
        guard values.count == 1, let number = Int64(text), number >= 0 else {
            throw Problem(
                .badRequest,
                "since: must be given once, as a whole number from 0; it is the 'seq' of the newest message received")
        }
        return number
    }

    private static func epoch(_ query: QueryString) throws(Problem) -> OutboxEpoch? {
        let values = query.parameters.filter { $0.name == "epoch" }
        guard let text = values.first?.value else { return nil }
        guard values.count == 1, let epoch = OutboxEpoch(text) else {
            throw Problem(
                .badRequest, "epoch: must be given once, beside 'since', as the 'epoch' of the newest message received")
        }
        return epoch
    }

    private static func checkHandshake(_ head: HTTPRequestHead) throws(Problem) {
        let headers = head.headers
        let upgrade = (headers["upgrade"] + headers[hiddenUpgrade]).listMembers
        guard upgrade.contains("websocket"), headers["connection"].listMembers.contains("upgrade") else {
            throw upgradeRequired(
                "follow a diagnosis with a WebSocket; the request has no 'Upgrade: websocket' with 'Connection: Upgrade'. "
                    + "If the client sent them, a proxy did not pass them on; see the documentation of your proxy")
        }
        guard !head.isHTTP10 else {
            throw Problem(.badRequest, "a WebSocket handshake needs HTTP/1.1, but the request is HTTP/1.0")
        }
        guard headers["sec-websocket-version"] == ["13"] else {
            throw upgradeRequired("only WebSocket version 13 is supported: send 'Sec-WebSocket-Version: 13'")
        }
        let key = headers["sec-websocket-key"]
        guard key.count == 1, Data(base64Encoded: key[0])?.count == 16 else {
            throw Problem(.badRequest, "Sec-WebSocket-Key: must be given once, as 16 bytes in base64")
        }
    }

    private static func upgradeRequired(_ detail: String) -> Problem {
        var problem = Problem(.upgradeRequired, detail)
        problem.headers[.upgrade] = "websocket"
        problem.headers[.connection] = "Upgrade"
        problem.headers[.secWebSocketVersion] = "13"
        return problem
    }

    /// Further header lines of the answer: a client that offers subprotocols must learn which one is used.
    static func headers(for head: HTTPRequestHead) -> HTTPHeaders {
        head.headers[canonicalForm: "sec-websocket-protocol"].first == bearerProtocol[...]
            ? ["Sec-WebSocket-Protocol": bearerProtocol] : [:]
    }

    func request(from address: IPAddress) -> FollowRequest {
        FollowRequest(diagnosis: diagnosis, token: token, since: since, epoch: epoch, address: address)
    }
}
