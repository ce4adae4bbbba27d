import HTTPTypes
import Hummingbird

/// Answers methods that a path does not have with those that it has.
struct MethodRules: RouterMiddleware {
    typealias Context = WebContext

    private let paths: [(parts: [Substring], methods: [String])]

    /// - Parameter methods: the methods of each path, such as `/api/feedback/{id}`.
    init(_ methods: [String: [HTTPRequest.Method]]) {
        paths = methods.map { path, methods in
            // What can be read can also be asked for without its body.
            let all = methods + (methods.contains(.get) ? [.head] : [])
            return (path.split(separator: "/"), all.map(\.rawValue).sorted())
        }
    }

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound {
            guard let allowed = methods(at: request.uri.path), !allowed.contains(request.method.rawValue) else {
                throw error
            }
            var problem = Problem(.methodNotAllowed, "allowed here: \(allowed.joined(separator: ", "))")
            problem.headers[.allow] = allowed.joined(separator: ", ")
            throw problem
        }
    }

    /// What stands in a path as it is comes before what stands for anything.
    private func methods(at path: String) -> [String]? {
        let parts = path.split(separator: "/")
        let fitting = paths.filter { known in
            known.parts.count == parts.count && zip(known.parts, parts).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
        }
        return fitting.min { $0.parts.count { $0.hasPrefix("{") } < $1.parts.count { $0.hasPrefix("{") } }?.methods
    }
}
