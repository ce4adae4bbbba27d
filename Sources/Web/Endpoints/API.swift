import Access
import Configuration
import Domain
import HTTPTypes
import Hummingbird
import Logging
import Relay
import Store

/// What is served over HTTP: endpoints, what surrounds them, and their description.
struct API {
    /// What answers requests about the clinic; `nil` for a relay alone.
    let clinic: ClinicService?
    let relay: Relay
    let authenticator: TokenAuthenticator
    let settings: APISettings
    let softwareVersion: String
    let proxies: TrustedProxies
    let recorder: RequestRecorder
    /// Told of errors of the server.
    let logger: Logger

    private var endpoints: [Endpoint] {
        (clinic.map(Self.endpoints) ?? []) + BroadcastRoutes(relay: relay).endpoints
            + MonitoringRoutes(relay: relay, requests: recorder.counters).endpoints
    }

    private static func endpoints(of clinic: ClinicService) -> [Endpoint] {
        FeedbackRoutes(clinic: clinic).endpoints + RecordRoutes(clinic: clinic).endpoints
            + FeedbackFigureRoutes(clinic: clinic).endpoints + AnalyticsRoutes(clinic: clinic).endpoints
            + PredictionRoutes(clinic: clinic).endpoints + StatusRoutes(clinic: clinic).endpoints
    }

    /// Adds what surrounds all requests, and then the endpoints.
    func add(to router: Router<WebContext>) {
        router.add(middleware: SecurityHeaders())
        router.add(middleware: OriginRules(allowed: settings.allowedOrigins))
        router.add(middleware: RequestLog(logger: logger, proxies: proxies, recorder: recorder))
        let dependencies = EndpointResponder.Dependencies(
            limiter: RateLimiter(perMinute: settings.requestsPerMinute), proxies: proxies,
            access: .byToken(authenticator), publicFigures: { [clinic] in try await clinic?.publicFigures() ?? .none })
        let endpoints = endpoints
        var methods = Dictionary(grouping: endpoints, by: \.path).mapValues { $0.map(\.method) }
        for path in HealthRoutes.paths + Self.descriptions { methods[path] = [.get] }
        router.add(middleware: MethodRules(methods))
        HealthRoutes(relay: relay).add(to: router)
        for endpoint in endpoints { router.add(endpoint, dependencies) }
        addDescription(of: endpoints, to: router)
    }

    /// The paths of the descriptions.
    private static let descriptions = ["/openapi.json", "/asyncapi.json", "/docs"]

    private func addDescription(of endpoints: [Endpoint], to router: Router<WebContext>) {
        let openAPI = OpenAPIDocument(endpoints: endpoints, version: softwareVersion).json
        let asyncAPI = AsyncAPIDocument(version: softwareVersion).json
        for (path, document) in [("/openapi.json", openAPI), ("/asyncapi.json", asyncAPI)] {
            let text = ByteBuffer(string: document.description)
            router.get(RouterPath(path)) { _, _ in
                Response(status: .ok, headers: [.contentType: "application/json"], body: .init(byteBuffer: text))
            }
        }
        let page = ByteBuffer(string: DocsPage(openAPI: openAPI, asyncAPI: asyncAPI).html)
        router.get("/docs") { _, _ in
            Response(
                status: .ok,
                headers: [.contentType: "text/html; charset=utf-8", .contentSecurityPolicy: DocsPage.policy],
                body: .init(byteBuffer: page))
        }
    }
}

extension Router<WebContext> {
    /// A router that answers HEAD wherever it answers GET.
    ///
    /// - Parameter addRoutes: adds what is served.
    convenience init(adding addRoutes: (Router<WebContext>) -> Void) {
        self.init(context: WebContext.self, options: .autoGenerateHeadEndpoints)
        addRoutes(self)
    }

    /// Adds an endpoint at its path.
    func add(_ endpoint: Endpoint, _ dependencies: EndpointResponder.Dependencies) {
        on(
            RouterPath(endpoint.path.replacing("{", with: ":").replacing("}", with: "")), method: endpoint.method,
            responder: EndpointResponder(endpoint: endpoint, dependencies: dependencies))
    }
}
