import Domain
import Foundation
import Hummingbird
import Relay
import Store

/// The HTTP side of the relay: how it stands, and broadcasts of other programs.
struct RelayRoutes {
    let relay: Relay
    /// Counts of the API on the same port; `nil` where there is none.
    var requests: RequestCounters?

    /// The largest body that is read, in bytes.
    private static let largestBody = 64 << 10

    func add(to router: Router<some RequestContext>) {
        router.get("/health") { _, _ in Self.json(["status": "ok"]) }
        router.get("/live") { _, _ in Self.json(["status": "ok"]) }
        router.get("/ready") { _, _ in
            relay.isReady
                ? Self.json(["status": "ready"]) : Self.json(["status": "not ready"], status: .serviceUnavailable)
        }
        router.get("/metrics") { _, _ in
            var response = Response(
                status: .ok,
                body: .init(byteBuffer: ByteBuffer(string: await relay.metrics() + (requests?.metrics ?? ""))))
            response.headers[.contentType] = "text/plain; version=0.0.4; charset=utf-8"
            return response
        }
        router.get("/ws/status") { _, _ in try await status() }
        router.get("/ws/:diagnosis") { _, _ in
            var response = problem(
                .upgradeRequired, "follow a diagnosis with a WebSocket of version 13 at /ws/DIAGNOSIS?since=SEQ")
            response.headers[.upgrade] = "websocket"
            response.headers[.secWebSocketVersion] = "13"
            return response
        }
        for (name, kind) in [
            ("recommendation-update", Delta.Kind.ranking), ("effectiveness-update", .effectiveness),
            ("feedback-update", .feedback),
        ] {
            router.post("/ws/broadcast-\(name)") { request, _ in try await broadcast(kind, request) }
        }
    }

    private func status() async throws -> Response {
        let status = try await relay.status()
        func named(_ counts: [DiagnosisID: Int]) -> JSON {
            .object(counts.sorted { $0.key < $1.key }.map { JSON.Member(name: "\($0.key)", value: JSON($0.value)) })
        }
        return Self.json([
            "total_diagnoses": JSON(status.connectionsByDiagnosis.count),
            "total_connections": JSON(status.connections),
            "connections_by_diagnosis": named(status.connectionsByDiagnosis),
            "queued_messages_by_diagnosis": named(status.queuedByDiagnosis.filter { $0.value > 0 }),
        ])
    }

    // MARK: Broadcasts

    private func broadcast(_ kind: Delta.Kind, _ request: Request) async throws -> Response {
        let claims: TokenClaims
        do throws(TokenRefusal) {
            claims = try await relay.claims(of: BearerToken.read(request.headers[.authorization]) ?? "")
        } catch {
            var response = problem(.unauthorized, error.rawValue)
            response.headers[.wwwAuthenticate] = "Bearer"
            return response
        }
        guard claims.role == .service || claims.role == .admin else {
            return problem(.forbidden, "only a service or an admin may broadcast")
        }
        let body: ByteBuffer
        do {
            body = try await request.body.collect(upTo: Self.largestBody)
        } catch {
            return problem(.contentTooLarge, "a body may have \(Self.largestBody) bytes")
        }
        guard let members = RawJSONObject(body.readableBytesView) else {
            return problem(.badRequest, "the body must be a JSON object in UTF-8 whose names stand once")
        }
        guard let number = members.values["diagnosis_id"] as? Int64, number > 0 else {
            return problem(.unprocessableContent, "diagnosis_id: must be the number of a diagnosis")
        }
        guard members.values["data"] is [String: Any], let data = members["data"] else {
            return problem(.unprocessableContent, "data: must be an object")
        }
        let broadcast = Broadcast(diagnosis: DiagnosisID(rawValue: number), kind: kind, json: data)
        do {
            guard let sequence = try await relay.broadcast(broadcast) else {
                return problem(.notFound, "diagnosis_id: there is no diagnosis \(number)")
            }
            return Self.json(["seq": JSON(sequence)], status: .accepted)
        } catch {
            // The log says why.
            return problem(.serviceUnavailable, "the database cannot be written now; try again later")
        }
    }

    private func problem(_ status: HTTPResponse.Status, _ detail: String) -> Response {
        Problem(status, detail).response(to: nil)
    }

    private static func json(_ body: JSON, status: HTTPResponse.Status = .ok) -> Response {
        var response = Response(status: status, body: .init(byteBuffer: ByteBuffer(string: body.description)))
        response.headers[.contentType] = "application/json"
        return response
    }
}
