import HTTPTypes
import Hummingbird

/// Header lines that keep browsers from doing with an answer what it is not for.
struct SecurityHeaders: RouterMiddleware {
    typealias Context = WebContext

    private static let lines: [(HTTPField.Name, String)] = [
        (.xContentTypeOptions, "nosniff"),
        (HTTPField.Name("X-Frame-Options")!, "DENY"),
        (HTTPField.Name("Referrer-Policy")!, "no-referrer"),
        (HTTPField.Name("Cross-Origin-Resource-Policy")!, "same-site"),
        (.contentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'"),
    ]

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        for (name, value) in Self.lines where response.headers[name] == nil { response.headers[name] = value }
        return response
    }
}
