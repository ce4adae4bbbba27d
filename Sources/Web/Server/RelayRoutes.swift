import Domain
import Foundation
import Hummingbird
import Relay
import Store

/// The status of the relay, over HTTP.
struct RelayRoutes {
    let relay: Relay
    /// Counts of the requests on the same port.
    let requests: RequestCounters

    /// The paths that are answered, all with `GET`.
    static let paths = ["/health", "/live", "/ready", "/metrics", "/ws/status"]

    func add(to router: Router<WebContext>) {
        router.get("/health") { _, _ in Self.json(["status": "ok"]) }
        router.get("/live") { _, _ in Self.json(["status": "ok"]) }
        router.get("/ready") { _, _ in
            relay.isReady
                ? Self.json(["status": "ready"]) : Self.json(["status": "not ready"], status: .serviceUnavailable)
        }
        router.get("/metrics") { _, _ in
            var response = Response(
                status: .ok, body: .init(byteBuffer: ByteBuffer(string: await relay.metrics() + requests.metrics)))
            response.headers[.contentType] = "text/plain; version=0.0.4; charset=utf-8"
            return response
        }
        // A long list must not hold the event loop.
        router.get("/ws/status") { _, _ in
            try await Task(executorPreference: globalConcurrentExecutor) { try await status() }.value
        }
        // Requests for a diagnosis go to the relay, or are answered by the handler of their connection.
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
