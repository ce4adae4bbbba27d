import Domain
import HTTPTypes
import Hummingbird

/// Lets web pages of some origins ask, after the rules for cross-origin requests.
struct OriginRules: RouterMiddleware {
    typealias Context = WebContext

    let allowed: Set<WebOrigin>

    private static let methods = "GET, POST, PUT, DELETE"
    private static let sent = "Authorization, Content-Type, Idempotency-Key, If-None-Match, Accept-Language"
    private static let shown = "ETag, Retry-After, X-Request-ID"

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        let origin = request.headers[.origin].flatMap { origin in
            WebOrigin(origin).flatMap { allowed.contains($0) ? origin : nil }
        }
        let isPreflight = request.method == .options && request.headers[.accessControlRequestMethod] != nil
        var response =
            origin != nil && isPreflight ? Response(status: .noContent) : try await next(request, context)
        // A cache must not give the answer to one origin to another.
        response.headers[.vary] = [response.headers[.vary], "Origin"].compactMap { $0 }.joined(separator: ", ")
        guard let origin else { return response }
        response.headers[.accessControlAllowOrigin] = origin
        if isPreflight {
            response.headers[.accessControlAllowMethods] = Self.methods
            response.headers[.accessControlAllowHeaders] = Self.sent
            response.headers[.accessControlMaxAge] = "600"
        } else {
            response.headers[.accessControlExposeHeaders] = Self.shown
        }
        return response
    }
}
