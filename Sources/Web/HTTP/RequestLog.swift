import HTTPTypes
import Hummingbird
import Logging
import Store

/// Gives each request an id, answers errors with problem documents, and has each answer recorded.
struct RequestLog: RouterMiddleware {
    typealias Context = WebContext

    static let header = HTTPField.Name("X-Request-ID")

    /// Told of errors of the server.
    let logger: Logger
    let proxies: TrustedProxies
    let recorder: RequestRecorder

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        proxies.noteUntrusted(request, from: context.peer)
        var response = await answer(request, context, next)
        if let header = Self.header { response.headers[header] = context.requestID }
        // Errors have a body whatever the method; HEAD gets none (RFC 9110, 9.3.2).
        if request.method == .head { response = response.createHeadResponse() }
        recorder.record(
            RequestRecorder.Entry(
                id: context.requestID, method: request.method.rawValue, path: request.uri.path,
                address: "\(proxies.client(of: request, from: context.peer))", status: response.status.code,
                seconds: (ContinuousClock.now - start) / .seconds(1), bytes: response.body.contentLength,
                subject: context.sender.subject))
        return response
    }

    private func answer(
        _ request: Request, _ context: WebContext, _ next: (Request, WebContext) async throws -> Response
    ) async -> Response {
        do {
            return try await next(request, context)
        } catch let problem as Problem {
            return problem.response(to: context.requestID)
        } catch let error as HTTPError {
            let detail = error.status == .notFound ? "there is nothing at \(request.uri.path.prefix(200))" : error.body
            return Problem(error.status, detail ?? error.status.reasonPhrase).response(to: context.requestID)
        } catch let error as StoreError where [.tryAgain, .cannotWrite].contains(error.status) {
            logger.error("request \(context.requestID): \(error)")
            var problem = Problem(.serviceUnavailable, "the database cannot be used now; try again later")
            problem.headers[.retryAfter] = "5"
            return problem.response(to: context.requestID)
        } catch let error as StoreError where error.isForOperator {
            logger.error("request \(context.requestID): \(error)")
            return Problem(
                .serviceUnavailable, "the database cannot take new records until its operator mends it; ask them"
            ).response(to: context.requestID)
        } catch {
            // What went wrong is for those who run this to read, and not for those who asked.
            logger.error("request \(context.requestID) failed: \(error)")
            return Problem(.internalServerError, "something went wrong here; it is logged under this request_id")
                .response(to: context.requestID)
        }
    }
}

extension StoreError {
    /// Whether it lasts until the operator changes the database.
    fileprivate var isForOperator: Bool {
        if case .noFreeNumber = self { true } else { false }
    }
}
