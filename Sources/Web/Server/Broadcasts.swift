import Domain
import NIOCore
import NIOHTTP1
import Relay
import Store

/// What other programs have the relay tell.
struct Broadcasts: Sendable {
    /// The largest body that is read, in bytes.
    static let largestBody = 64 << 10

    let relay: Relay

    /// What kind of message a request is to broadcast; `nil` where it asks for something else.
    static func kind(of request: HTTPRequestHead) -> Delta.Kind? {
        guard request.method == .POST, request.uri.hasPrefix("/ws/broadcast-") else { return nil }
        return switch request.uri.prefix(while: { $0 != "?" }) {
        case "/ws/broadcast-recommendation-update": .ranking
        case "/ws/broadcast-effectiveness-update": .effectiveness
        case "/ws/broadcast-feedback-update": .feedback
        default: nil
        }
    }

    /// Commits a broadcast, which its followers are told then.
    ///
    /// - Parameter body: `nil` where it is larger than what is read.
    /// - Returns: the sequence number, or why there is none.
    func answer(_ kind: Delta.Kind, authorization: String?, body: ByteBuffer?) async -> WholeAnswer {
        do {
            let sequence = try await tell(kind, authorization: authorization, body: body)
            return WholeAnswer(["seq": JSON(sequence)], status: .accepted)
        } catch {
            return error.answer(to: nil)
        }
    }

    private func tell(_ kind: Delta.Kind, authorization: String?, body: ByteBuffer?) async throws(Problem) -> Int64 {
        let claims: TokenClaims
        do {
            claims = try await relay.claims(of: BearerToken.read(authorization) ?? "")
        } catch {
            var problem = Problem(.unauthorized, error.rawValue)
            problem.headers[.wwwAuthenticate] = "Bearer"
            throw problem
        }
        guard claims.role == .service || claims.role == .admin else {
            throw Problem(.forbidden, "only a service or an admin may broadcast")
        }
        guard let body else { throw Problem(.contentTooLarge, "a body may have \(Self.largestBody) bytes") }
        guard let members = RawJSONObject(body.readableBytesView) else {
            throw Problem(.badRequest, "the body must be a JSON object in UTF-8 whose names stand once")
        }
        guard let number = members.integer("diagnosis_id"), number > 0 else {
            throw Problem(.unprocessableContent, "diagnosis_id: must be the number of a diagnosis")
        }
        guard let data = members.object("data") else {
            throw Problem(.unprocessableContent, "data: must be an object")
        }
        let sequence: Int64?
        do {
            sequence = try await relay.broadcast(
                Broadcast(diagnosis: DiagnosisID(rawValue: number), kind: kind, json: data))
        } catch {
            // The log says why.
            throw Problem(.serviceUnavailable, "the database cannot be written now; try again later")
        }
        guard let sequence else { throw Problem(.notFound, "diagnosis_id: there is no diagnosis \(number)") }
        return sequence
    }
}
