import Domain
import HTTPTypes
import Hummingbird
import Logging
import Relay
import Store

/// The REST API: its endpoints, what stands around them, and their description.
struct API {
    let clinic: ClinicDesk
    let relay: Relay
    let softwareVersion: String
    let counters: RequestCounters
    /// Where requests are noted.
    let logger: Logger

    private var endpoints: [Endpoint] {
        FeedbackRoutes(clinic: clinic).endpoints + RecordRoutes(clinic: clinic).endpoints
            + FeedbackFigureRoutes(clinic: clinic).endpoints + AnalyticsRoutes(clinic: clinic).endpoints
            + PredictionRoutes(clinic: clinic).endpoints + StatusRoutes(clinic: clinic).endpoints
    }

    /// Adds what stands around all requests, and then the endpoints.
    func add(to router: Router<WebContext>) {
        let settings = clinic.settings.api
        let proxies = TrustedProxies(addresses: Set(settings.trustedProxies))
        router.add(middleware: SecurityHeaders())
        if !settings.allowedOrigins.isEmpty {
            router.add(middleware: OriginRules(allowed: Set(settings.allowedOrigins)))
        }
        router.add(middleware: RequestLog(logger: logger, proxies: proxies, counters: counters))
        let surroundings = EndpointResponder.Surroundings(
            relay: relay, limiter: RateLimiter(perMinute: settings.requestsPerMinute), proxies: proxies)
        let endpoints = endpoints
        router.add(
            middleware: MethodRules(
                Dictionary(grouping: endpoints, by: \.path).mapValues { $0.map(\.method) }))
        for endpoint in endpoints {
            router.on(
                RouterPath(endpoint.path.replacing("{", with: ":").replacing("}", with: "")), method: endpoint.method,
                responder: EndpointResponder(endpoint: endpoint, surroundings: surroundings))
        }
        addDescription(of: endpoints, to: router)
    }

    private func addDescription(of endpoints: [Endpoint], to router: Router<WebContext>) {
        let document = OpenAPIDocument(endpoints: endpoints, version: softwareVersion).json
        router.get("/openapi.json") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "application/json"],
                body: .init(byteBuffer: ByteBuffer(string: document.description)))
        }
        let page = DocsPage(document: document).html
        router.get("/docs") { _, _ in
            Response(
                status: .ok,
                headers: [.contentType: "text/html; charset=utf-8", .contentSecurityPolicy: DocsPage.policy],
                body: .init(byteBuffer: ByteBuffer(string: page)))
        }
    }
}
