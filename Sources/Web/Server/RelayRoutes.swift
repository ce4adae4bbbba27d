import Domain
import Foundation
import Hummingbird
import Relay
import Store

/// How the relay stands, over HTTP.
struct RelayRoutes {
    let relay: Relay
    /// Counts of the API on the same port; `nil` where there is none.
    var requests: RequestCounters?

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
            var response = Problem(
                .upgradeRequired, "follow a diagnosis with a WebSocket of version 13 at /ws/DIAGNOSIS?since=SEQ"
            ).response(to: nil)
            response.headers[.upgrade] = "websocket"
            response.headers[.secWebSocketVersion] = "13"
            return response
        }
        // Broadcasts come no further than to the handler of their connection.
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

    private static func json(_ body: JSON, status: HTTPResponse.Status = .ok) -> Response {
        WholeAnswer(body, status: status).response
    }
}
