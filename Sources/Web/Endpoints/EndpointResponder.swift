import Access
import Crypto
import Domain
import HTTPTypes
import Hummingbird
import NIOCore
import Relay
import Synchronization

/// Answers requests for one endpoint: knows who asks, checks what they bring, and lets the endpoint answer.
struct EndpointResponder: HTTPResponder {
    typealias Context = WebContext

    /// What all endpoints of a port share.
    struct Dependencies: Sendable {
        let limiter: RateLimiter
        let proxies: TrustedProxies
        let access: Access
        /// What anybody may see.
        let publicFigures: @Sendable () async throws -> PublicFigures
        /// How long answering a request may take.
        var timeLimit = Duration.seconds(NetworkLimits.requestSeconds)
    }

    /// Who may use the endpoints of a port.
    enum Access: Sendable {
        /// Those whose tokens have the roles of the endpoint.
        case byToken(TokenAuthenticator)
        /// Anybody who reaches the port, as this requester. Tokens are not read.
        case anybody(as: Requester)
    }

    let endpoint: Endpoint
    let dependencies: Dependencies

    private static let idempotencyHeader = HTTPField.Name("Idempotency-Key")

    func respond(to request: Request, context: WebContext) async throws -> Response {
        let deadline = ContinuousClock.now + dependencies.timeLimit
        let requester = try await requester(of: request, context)
        let bytes = try await bytes(of: request, context, until: deadline)
        return try await withDeadline(deadline, on: context.eventLoop, isLight: endpoint.isLight) {
            let body: RequestBody? = if let bytes { try await RequestBody(bytes) } else { nil }
            return try await response(to: request, answer(call(of: request, body, context), requester))
        }
    }

    // MARK: Who asks

    private func requester(of request: Request, _ context: WebContext) async throws -> Requester? {
        let address = dependencies.proxies.client(of: request, from: context.peer).clientNetwork
        let authenticator: TokenAuthenticator
        switch dependencies.access {
        case .anybody(let requester):
            try count("address \(address)")
            return requester
        case .byToken(let tokens): authenticator = tokens
        }
        guard let header = request.headers[.authorization] else {
            try count("address \(address)")
            guard case .open = endpoint.handler else { throw unauthorized(.missing) }
            return nil
        }
        let claims: TokenClaims
        do throws(TokenRefusal) {
            claims = try authenticator.claims(of: BearerToken.read(header) ?? "")
        } catch {
            try count("address \(address)")
            throw unauthorized(error)
        }
        let requester = claims.requester
        context.sender.subject = requester.subject
        try count("subject \(requester.subject)", cost: endpoint.cost)
        guard endpoint.handler.roles?.contains(requester.role) ?? true else { throw forbidden(requester) }
        return requester
    }

    private func forbidden(_ requester: Requester) -> Problem {
        Problem(.forbidden, "a \(requester.role.rawValue) may not do this")
    }

    private func count(_ client: String, cost: Double = 1) throws(Problem) {
        guard let delay = dependencies.limiter.delay(for: client, cost: cost) else { return }
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

    /// The bytes of the body, where the endpoint takes one. Its sender is known by then.
    ///
    /// - Throws: `Problem` (408) once the deadline has passed: reading ends when it is cancelled.
    private func bytes(
        of request: Request, _ context: WebContext, until deadline: ContinuousClock.Instant
    ) async throws -> [UInt8]? {
        guard endpoint.body != nil else { return nil }
        let isLate = Atomic(false)
        let reading = Task(executorPreference: EventLoopExecutor(context.eventLoop)) { [endpoint] in
            try await RequestBody.bytes(of: request, ignoresContentType: endpoint.ignoresContentType)
        }
        let timer = context.eventLoop.scheduleTask(in: deadline.timeLeft) {
            isLate.store(true, ordering: .relaxed)
            reading.cancel()
        }
        defer { timer.cancel() }
        do {
            return try await reading.value
        } catch {
            guard isLate.load(ordering: .relaxed) else { throw error }
            throw Problem(.requestTimeout, "the body did not arrive within \(NetworkLimits.requestSeconds) s")
        }
    }

    private func call(of request: Request, _ body: RequestBody?, _ context: WebContext) async throws -> Call {
        let query = QueryString(request.uri.string.requestTarget.query)
        let path = endpoint.parameters.filter { $0.place == .path }.reduce(into: [:]) { values, parameter in
            values[parameter.name] = context.parameters.get(parameter.name).map { $0.removingPercentEncoding ?? $0 }
        }
        return try await RequestBody.offLoop(if: body?.bytes.count ?? 0) { [endpoint] in
            let (values, problems) = try Self.check(path, query, body, for: endpoint)
            let idempotency = try Self.idempotency(of: request, body, for: endpoint)
            guard problems.isEmpty else { throw Problem(problems) }
            return Call(
                values: values, document: body?.document, language: Language(accept: request.headers[.acceptLanguage]),
                requestID: context.requestID, idempotency: idempotency)
        }
    }

    /// The values of the parameters, and what is wrong with them and the body.
    private static func check(
        _ path: [String: String], _ query: QueryString, _ body: RequestBody?, for endpoint: Endpoint
    ) throws(Problem) -> (values: [String: JSON], problems: [Problem.FieldProblem]) {
        guard !query.isTooLong else {
            throw Problem(.badRequest, "the query has more than \(NetworkLimits.queryParameters) parameters")
        }
        var problems = ProblemList()
        let known = endpoint.parameters.filter { $0.place == .query }.map(\.name)
        var given: [String: String] = [:]
        for (name, value) in query.parameters {
            let shown = String(name.prefix(NetworkLimits.quote))
            if !known.contains(name) {
                problems.addUnknown(shown, at: shown, "is not a parameter", among: known)
            } else if given.updateValue(value, forKey: name) != nil {
                problems.add(shown, "is repeated")
            }
        }
        var values: [String: JSON] = [:]
        for parameter in endpoint.parameters {
            guard let text = parameter.place == .path ? path[parameter.name] : given[parameter.name] else {
                values[parameter.name] = parameter.standard
                continue
            }
            let value = parameter.value(text)
            parameter.schema.check(value, at: parameter.name, &problems)
            values[parameter.name] = value
        }
        if let schema = endpoint.body, let body { schema.check(body.document.value, at: "", &problems) }
        return (values, problems.problems)
    }

    private static func idempotency(
        of request: Request, _ body: RequestBody?, for endpoint: Endpoint
    ) throws -> (key: String, fingerprint: String)? {
        guard endpoint.acceptsIdempotencyKey, let name = idempotencyHeader, let key = request.headers[name] else {
            return nil
        }
        let problems = Schema.idempotencyKey.problems(of: .text(key), at: "Idempotency-Key")
        guard problems.isEmpty else { throw Problem(problems) }
        var digest = SHA256()
        digest.update(data: Array("\(request.method.rawValue) \(request.uri.path)\n".utf8))
        digest.update(data: body?.bytes ?? [])
        return (key, digest.finalize().hexadecimal)
    }

    // MARK: What is answered

    private func answer(_ call: Call, _ requester: Requester?) async throws -> Answer {
        switch endpoint.handler {
        case .restricted(_, let body):
            guard let requester else { throw unauthorized(.missing) }
            return try await body(call, requester)
        case .staff(let body):
            guard let requester else { throw unauthorized(.missing) }
            guard let access = StaffAccess(requester) else { throw forbidden(requester) }
            return try await body(call, access)
        case .divided(let patient, let staff):
            guard let requester else { throw unauthorized(.missing) }
            guard let access = StaffAccess(requester) else { return try await patient(call, requester) }
            return try await staff(call, access)
        case .open(let exact, let released):
            if let requester, let answer = try await exact?(call, requester) { return answer }
            return released(PublicCall(call: call, figures: try await dependencies.publicFigures())).answer
        }
    }

    private func response(to request: Request, _ answer: Answer) -> Response {
        var response = Response(status: answer.status)
        response.headers[.vary] = "Authorization, Accept-Language"
        if answer.status != .noContent { response.headers[.contentType] = endpoint.success.type }
        guard request.method == .get || request.method == .head else {
            response.headers[.cacheControl] = "no-store"
            response.body = .init(byteBuffer: ByteBuffer(string: answer.body))
            return response
        }
        let tag = "\"\(SHA256.hash(data: Array(answer.body.utf8)).prefix(12).hexadecimal)\""
        response.headers[.eTag] = tag
        response.headers[.cacheControl] = "private, no-cache"
        // Of a long list only the first are looked at; the answer is whole then, which is no mistake.
        let known = (request.headers[.ifNoneMatch] ?? "").split(separator: ",", maxSplits: 50).map {
            $0.filter { $0 != " " }
        }
        if known.contains("*") || known.contains(where: { $0.trimmingPrefix("W/") == tag }) {
            response.status = .notModified
            response.headers[.contentType] = nil
            return response
        }
        response.body = .init(byteBuffer: ByteBuffer(string: answer.body))
        return response
    }
}
