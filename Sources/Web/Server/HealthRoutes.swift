import Domain
import Hummingbird
import Relay

/// Whether the server works, for load balancers and supervisors. Anybody may ask: the answers say nothing of the clinic.
struct HealthRoutes {
    let relay: Relay

    /// The paths that are answered, all with `GET`.
    static let paths = ["/health", "/live", "/ready"]

    func add(to router: Router<WebContext>) {
        router.get("/health") { _, _ in Self.json(["status": "ok"]) }
        router.get("/live") { _, _ in Self.json(["status": "ok"]) }
        router.get("/ready") { _, _ in
            relay.isReady
                ? Self.json(["status": "ready"]) : Self.json(["status": "not ready"], status: .serviceUnavailable)
        }
    }

    private static func json(_ body: JSON, status: HTTPResponse.Status = .ok) -> Response {
        WholeAnswer(body, status: status).response
    }
}
