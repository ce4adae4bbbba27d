import HTTPTypes
import Hummingbird

/// Header lines that keep browsers from doing with an answer what it is not for.
struct SecurityHeaders: RouterMiddleware {
    typealias Context = WebContext

    static let lines: [(name: HTTPField.Name, value: String)] = [
        ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"), ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Resource-Policy", "same-site"),
        ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ].compactMap { name, value in HTTPField.Name(name).map { ($0, value) } }

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        for (name, value) in Self.lines where response.headers[name] == nil { response.headers[name] = value }
        return response
    }
}
