import Crypto
import Domain
import HTTPTypes
import Hummingbird
import NIOCore
import Relay

/// Answers requests for one endpoint: knows who asks, checks what they bring, and lets the endpoint answer.
struct EndpointResponder: HTTPResponder {
    typealias Context = WebContext

    /// What all endpoints share.
    struct Surroundings: Sendable {
        let relay: Relay
        let limiter: RateLimiter
        let proxies: TrustedProxies
    }

    let endpoint: Endpoint
    let surroundings: Surroundings

    /// The largest body that is read, in bytes.
    static let largestBody = 256 << 10
    /// How long an answer may take.
    private static let patience = Duration.seconds(30)
    private static let idempotencyHeader = HTTPField.Name("Idempotency-Key")

    func respond(to request: Request, context: WebContext) async throws -> Response {
        try await withTimeLimit(Self.patience) {
            let requester = try await requester(of: request, context)
            let call = try await call(of: request, context, requester)
            return try await response(to: request, answer(call, requester))
        }
    }

    // MARK: Who asks

    private func requester(of request: Request, _ context: WebContext) async throws -> Requester? {
        let address = surroundings.proxies.client(of: request, from: context.peer)
        guard let header = request.headers[.authorization] else {
            try count("address \(address)")
            guard case .open = endpoint.handler else { throw unauthorized(.missing) }
            return nil
        }
        let claims: TokenClaims
        do throws(TokenRefusal) {
            claims = try await surroundings.relay.claims(of: BearerToken.read(header) ?? "")
        } catch {
            try count("address \(address)")
            throw unauthorized(error)
        }
        let requester = claims.requester
        context.sender.subject = requester.subject
        try count("subject \(requester.subject)")
        if case .restricted(let roles, _) = endpoint.handler, !roles.contains(requester.role) {
            throw Problem(.forbidden, "a \(requester.role.rawValue) may not do this")
        }
        return requester
    }

    private func count(_ client: String) throws(Problem) {
        guard let delay = surroundings.limiter.delay(for: client) else { return }
        var problem = Problem(.tooManyRequests, "too many requests; try again in \(delay) s")
        problem.headers[.retryAfter] = "\(delay)"
        throw problem
    }

    private func unauthorized(_ refusal: TokenRefusal) -> Problem {
        var problem = Problem(.unauthorized, refusal.rawValue)
        problem.headers[.wwwAuthenticate] = "Bearer"
        return problem
    }

    // MARK: What they bring

    private func call(of request: Request, _ context: WebContext, _ requester: Requester?) async throws -> Call {
        var problems: [Problem.FieldProblem] = []
        var values: [String: JSON] = [:]
        func take(_ parameter: Parameter, _ text: String) {
            let value = parameter.value(text)
            problems += parameter.schema.problems(of: value, at: parameter.name)
            values[parameter.name] = value
        }
        var query: [String: String] = [:]
        for (name, value) in request.uri.queryParameters {
            if query.updateValue(String(value), forKey: String(name)) != nil {
                problems.append(.init(field: String(name), detail: "stands twice"))
            }
        }
        for parameter in endpoint.parameters {
            let given =
                parameter.place == .path
                ? context.parameters.get(parameter.name).map { $0.removingPercentEncoding ?? $0 }
                : query.removeValue(forKey: parameter.name)
            if let given { take(parameter, given) } else { values[parameter.name] = parameter.standard }
        }
        let known = endpoint.parameters.filter { $0.place == .query }.map(\.name)
        for name in query.keys.sorted() {
            problems.append(.init(field: name, detail: "is no parameter; \(suggestion(for: name, among: known))"))
        }
        let (body, bytes) = try await body(of: request)
        if let schema = endpoint.body { problems += schema.problems(of: body, at: "") }
        let idempotency = try idempotency(of: request, bytes)
        guard problems.isEmpty else { throw Problem(problems) }
        return Call(
            values: values, body: body, language: Language(accept: request.headers[.acceptLanguage]),
            requestID: context.requestID, idempotency: idempotency)
    }

    private func body(of request: Request) async throws -> (JSON, [UInt8]) {
        guard endpoint.body != nil else { return (.null, []) }
        guard let type = request.headers[.contentType],
            type.prefix(while: { $0 != ";" }).lowercased().filter({ $0 != " " }) == "application/json"
        else { throw Problem(.unsupportedMediaType, "the body must be application/json") }
        let bytes: [UInt8]
        do {
            bytes = Array(try await request.body.collect(upTo: Self.largestBody).readableBytesView)
        } catch is NIOTooManyBytesError {
            throw Problem(.contentTooLarge, "a body may have \(Self.largestBody) bytes")
        } catch {
            // Whoever sent it broke off, or sends no chunks as HTTP has them.
            throw Problem(.badRequest, "the body is not whole")
        }
        return (try JSON(body: bytes), bytes)
    }

    private func idempotency(of request: Request, _ body: [UInt8]) throws -> (key: String, fingerprint: String)? {
        guard endpoint.takesKey, let name = Self.idempotencyHeader, let key = request.headers[name] else { return nil }
        let problems = Schema.idempotencyKey.problems(of: .text(key), at: "Idempotency-Key")
        guard problems.isEmpty else { throw Problem(problems) }
        var digest = SHA256()
        digest.update(data: Array("\(request.method.rawValue) \(request.uri.path)\n".utf8))
        digest.update(data: body)
        return (key, digest.finalize().hexadecimal)
    }

    // MARK: What is answered

    private func answer(_ call: Call, _ requester: Requester?) async throws -> Answer {
        switch endpoint.handler {
        case .restricted(_, let body):
            guard let requester else { throw unauthorized(.missing) }
            return try await body(call, requester)
        case .open(let exact, let released):
            if let requester, let answer = try await exact?(call, requester) { return answer }
            return try await released(call).answer
        }
    }

    private func response(to request: Request, _ answer: Answer) -> Response {
        var response = Response(status: answer.status)
        response.headers[.vary] = "Authorization, Accept-Language"
        if answer.status != .noContent { response.headers[.contentType] = "application/json" }
        guard request.method == .get || request.method == .head else {
            response.headers[.cacheControl] = "no-store"
            response.body = .init(byteBuffer: ByteBuffer(string: answer.body))
            return response
        }
        let tag = "\"\(SHA256.hash(data: Array(answer.body.utf8)).prefix(12).hexadecimal)\""
        response.headers[.eTag] = tag
        response.headers[.cacheControl] = "private, no-cache"
        let known = request.headers[.ifNoneMatch].map { $0.split(separator: ",").map { $0.filter { $0 != " " } } } ?? []
        if known.contains("*") || known.contains(where: { $0.trimmingPrefix("W/") == tag }) {
            response.status = .notModified
            response.headers[.contentType] = nil
            return response
        }
        response.body = .init(byteBuffer: ByteBuffer(string: answer.body))
        return response
    }
}

/// Runs `body`, and answers that there was no answer where it takes longer.
private func withTimeLimit<Value: Sendable>(
    _ limit: Duration, _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: limit)
            throw Problem(.serviceUnavailable, "no answer within \(limit.components.seconds) s; try again later")
        }
        defer { group.cancelAll() }
        guard let first = try await group.next() else { throw CancellationError() }
        return first
    }
}
