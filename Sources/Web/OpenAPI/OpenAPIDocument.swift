import Domain
import Hummingbird

/// The description of the API after OpenAPI 3.1, made of the endpoints that the router answers.
struct OpenAPIDocument {
    let endpoints: [Endpoint]
    let version: String

    /// The document.
    var json: JSON {
        var components: [String: JSON] = [:]
        var paths: [JSON.Member] = []
        for path in endpoints.map(\.path).uniqued {
            let operations = endpoints.filter { $0.path == path }.map { endpoint in
                JSON.Member(
                    name: endpoint.method.rawValue.lowercased(), value: operation(endpoint, noting: &components))
            }
            paths.append(.init(name: path, value: .object(operations)))
        }
        let schemas = components.sorted { $0.key < $1.key }.map { JSON.Member(name: $0.key, value: $0.value) }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Avicenna", "version": .text(version),
                "summary": "Feedback in, analytics and predictions out.",
                "description": .text(Self.introduction),
            ],
            "tags": JSON(
                Endpoint.Group.allCases.filter { group in endpoints.contains { $0.group == group } }.map {
                    ["name": .text($0.rawValue)]
                }),
            "paths": .object(paths),
            "components": [
                "schemas": .object(schemas),
                "securitySchemes": ["token": ["type": "http", "scheme": "bearer", "bearerFormat": "JWT"]],
            ],
        ]
    }

    private static let introduction = """
        Instants are in the format of RFC 3339, names in snake_case. Errors are problem details (RFC 9457) that name the \
        field. Patients see and change only their own records. Requests without a token receive released figures only: \
        counts of each month with noise, drawn once. A write can carry an `Idempotency-Key`; if it is repeated with the \
        same key, it is applied once.
        """

    private func operation(_ endpoint: Endpoint, noting components: inout [String: JSON]) -> JSON {
        var operation: JSON = [
            "operationId": .text(endpoint.operationID), "tags": [.text(endpoint.group.rawValue)],
            "summary": .text(endpoint.summary),
        ]
        let details = [endpoint.details, endpoint.access].filter { !$0.isEmpty }.joined(separator: " ")
        if !details.isEmpty { operation = operation.adding(["description": .text(details)]) }
        switch endpoint.handler {
        case .restricted, .staff, .divided: operation = operation.adding(["security": [["token": []]]])
        case .open(let exact, _):
            operation = operation.adding(["security": exact == nil ? [] : [["token": []], [:]]])
        }
        let parameters = endpoint.parameters.map { $0.json(noting: &components) } + endpoint.headers
        if !parameters.isEmpty { operation = operation.adding(["parameters": .array(parameters)]) }
        if let body = endpoint.body {
            let content: JSON = ["application/json": ["schema": body.json(noting: &components)]]
            operation = operation.adding(["requestBody": ["required": true, "content": content]])
        }
        return operation.adding(["responses": responses(endpoint, noting: &components)])
    }

    private func responses(_ endpoint: Endpoint, noting components: inout [String: JSON]) -> JSON {
        let success = endpoint.success
        var responses: [JSON.Member] = [
            .init(
                name: "\(success.status.code)",
                value: [
                    "description": .text(success.description),
                    "content": .object([
                        .init(
                            name: String(success.type.prefix { $0 != ";" }),
                            value: ["schema": success.schema.json(noting: &components)])
                    ]),
                ])
        ]
        if endpoint.method == .get {
            responses.append(.init(name: "304", value: ["description": "Nothing changed since the ETag."]))
        }
        let problem: JSON = [
            "application/problem+json": ["schema": Schema.problem.json(noting: &components)]
        ]
        for status in endpoint.allProblems {
            responses.append(
                .init(name: "\(status.code)", value: ["description": .text(status.reasonPhrase), "content": problem]))
        }
        return .object(responses)
    }
}

extension Endpoint {
    /// The statuses of problems that it can have.
    var allProblems: [HTTPResponse.Status] {
        var statuses: [HTTPResponse.Status] = [
            .badRequest, .unprocessableContent, .tooManyRequests, .internalServerError, .serviceUnavailable,
        ]
        if body != nil { statuses += [.badRequest, .requestTimeout, .contentTooLarge, .unsupportedMediaType] }
        switch handler {
        case .restricted, .staff, .divided: statuses += [.unauthorized, .forbidden]
        case .open(let exact, _): if exact != nil { statuses.append(.unauthorized) }
        }
        return (statuses + problems).uniqued.sorted { $0.code < $1.code }
    }

    /// Such as `get_api_feedback_status`.
    fileprivate var operationID: String {
        (method.rawValue.lowercased() + path).map { $0.isLetter || $0.isNumber ? String($0) : "_" }.joined()
            .split(separator: "_").joined(separator: "_")
    }

    /// Who may ask, in words.
    fileprivate var access: String {
        if let roles = handler.roles {
            return roles.count == Role.allCases.count
                ? "" : "For " + Role.allCases.filter(roles.contains).map(\.rawValue).joined(separator: ", ") + "."
        }
        guard case .open(.some, _) = handler else { return "" }
        return "Without a token, or with that of a patient whom it does not concern, answered from what is released."
    }

    fileprivate var headers: [JSON] {
        guard acceptsIdempotencyKey else { return [] }
        var components: [String: JSON] = [:]
        return [
            [
                "name": "Idempotency-Key", "in": "header", "required": false,
                "description": "By which the request is known when it is sent again.",
                "schema": Schema.idempotencyKey.json(noting: &components),
            ]
        ]
    }
}

extension Parameter {
    fileprivate func json(noting components: inout [String: JSON]) -> JSON {
        var schema = schema.json(noting: &components)
        if let standard { schema = schema.adding(["default": standard]) }
        return [
            "name": .text(name), "in": .text(place.rawValue), "required": .boolean(place == .path),
            "description": .text(description), "schema": schema,
        ]
    }
}

extension Schema {
    /// Problem details after RFC 9457.
    fileprivate static let problem = Schema.named(
        "Problem",
        .object([
            Property("type", .text), Property("title", .text), Property("status", .integer(400...599)),
            Property("detail", .text, "What is wrong with this request, and how to mend it."),
            Property(
                "errors", .array(of: .object([Property("field", .text), Property("detail", .text)])), required: false,
                "The fields that are wrong."),
            Property("request_id", .text, required: false, "By which the log knows the request."),
        ]))
}

extension Array where Element: Hashable {
    /// Each element once, where it stands first.
    fileprivate var uniqued: [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
