import Configuration
import Domain
import Hummingbird
import Logging
import Relay

/// What is served at `metrics_address`: metrics, the status of the relay and health, without a token, and nothing else.
struct MonitoringAPI {
    let relay: Relay
    let settings: APISettings
    let proxies: TrustedProxies
    let recorder: RequestRecorder
    /// Told of errors of the server.
    let logger: Logger

    /// Adds what surrounds all requests, and then the endpoints. No origin is allowed to read them from a web page.
    func add(to router: Router<WebContext>) {
        router.add(middleware: SecurityHeaders())
        router.add(middleware: RequestLog(logger: logger, proxies: proxies, recorder: recorder))
        HealthRoutes(relay: relay).add(to: router)
        let dependencies = EndpointResponder.Dependencies(
            limiter: RateLimiter(perMinute: settings.requestsPerMinute), proxies: proxies,
            access: .anybody(as: Requester(subject: "metrics", role: .service, patient: nil)),
            publicFigures: { .none })
        for endpoint in MonitoringRoutes(relay: relay, requests: recorder.counters).endpoints {
            router.add(endpoint, dependencies)
        }
    }
}
