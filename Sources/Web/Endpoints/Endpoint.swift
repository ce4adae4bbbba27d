import Domain
import HTTPTypes
import Hummingbird

/// Something that can be asked for over HTTP: what it takes, what it gives, and who may. Both the router and the OpenAPI
/// document are made of these, so that neither knows of what the other does not.
struct Endpoint: Sendable {
    /// `GET`, `POST`, `PUT` or `DELETE`.
    let method: HTTPRequest.Method
    /// Such as `/api/feedback/{id}`.
    let path: String
    /// The part of the API that it belongs to.
    let group: Group
    /// What it does, in one line.
    let summary: String
    /// What else there is to know.
    var details = ""
    /// What it takes beside a body.
    var parameters: [Parameter] = []
    /// What its body must be; `nil` where it takes none.
    var body: Schema?
    /// Whether a body counts as JSON whatever `Content-Type` says. Only for endpoints that need a token in a header, which
    /// no form of a web page can send.
    var ignoresContentType = false
    /// Whether answering takes so little work that it may be done on the event loop. Other endpoints build answers of any
    /// size, which would hold it.
    var isLight = false
    /// How many requests a request counts for where they are limited: 1, or a part of it.
    var cost = 1.0
    /// Whether it writes, so that a request may carry a key by which it counts once.
    var acceptsIdempotencyKey = false
    /// The answer when all is well.
    let success: Success
    /// Statuses of problems that it has beside those that all have.
    var problems: [HTTPResponse.Status] = []
    /// Who may ask, and what answers.
    let handler: Handler

    /// The parts of the API.
    enum Group: String, CaseIterable {
        case analytics = "Analytics"
        case feedback = "Feedback"
        case predictions = "Predictions"
        case records = "Clinic records"
        case live = "Live updates"
        case monitoring = "Monitoring"
    }

    /// An answer when all is well.
    struct Success: Sendable {
        let status: HTTPResponse.Status
        let description: String
        let schema: Schema
        /// The media type of the body, with its parameters.
        let type: String

        init(
            _ description: String, _ schema: Schema, status: HTTPResponse.Status = .ok,
            type: String = "application/json"
        ) {
            self.status = status
            self.type = type
            self.description = description
            self.schema = schema
        }
    }

    /// Who may ask, and what answers.
    ///
    /// Without a token there is nothing but a `PublicAnswer`, which is made of released figures alone.
    enum Handler: Sendable {
        /// For those whose token has one of the roles. Patients among them can be shown nothing but records.
        case restricted(Set<Role>, @Sendable (Call, Requester) async throws -> Answer)
        /// For staff, who may see exact figures of all patients.
        case staff(@Sendable (Call, StaffAccess) async throws -> Answer)
        /// For all who have a token: `patient` answers patients, and `staff` all others.
        case divided(
            patient: @Sendable (Call, Requester) async throws -> Answer,
            staff: @Sendable (Call, StaffAccess) async throws -> Answer)
        /// For all: `exact` answers those who may see the figures as they are, and all others get what is released.
        case open(
            exact: (@Sendable (Call, Requester) async throws -> Answer?)?,
            released: @Sendable (PublicCall) -> PublicAnswer)

        /// The roles that may ask; `nil` where no token is needed.
        var roles: Set<Role>? {
            switch self {
            case .restricted(let roles, _): roles
            case .staff: .staff
            case .divided: .everybody
            case .open: nil
            }
        }
    }
}

extension Set<Role> {
    /// All who have a token.
    static let everybody = Set(Role.allCases)
    /// Those who work for the clinic.
    static let staff = everybody.filter(\.isStaff)
}

/// A parameter of a path or a query.
struct Parameter: Sendable {
    enum Place: String { case path, query }

    let name: String
    let place: Place
    let schema: Schema
    let description: String
    /// What counts where it is not given; `nil` where nothing does.
    let standard: JSON?

    static func path(_ name: String, _ schema: Schema, _ description: String) -> Self {
        Self(name: name, place: .path, schema: schema, description: description, standard: nil)
    }

    static func query(_ name: String, _ schema: Schema, _ description: String, standard: JSON? = nil) -> Self {
        Self(name: name, place: .query, schema: schema, description: description, standard: standard)
    }

    /// The value that a text stands for, before it is checked.
    func value(_ text: String) -> JSON {
        switch schema {
        case .integer: Int64(text).map { .integer($0) } ?? .text(text)
        case .boolean: Bool(text).map { .boolean($0) } ?? .text(text)
        default: .text(text)
        }
    }
}

/// A request that is as its endpoint wants it.
struct Call: Sendable {
    /// The values of the parameters that were given, or have a standard value.
    let values: [String: JSON]
    /// The body as it was sent; `nil` if the endpoint takes none.
    let document: JSONDocument?
    /// The language that the sender prefers; `nil` where they name none that there is.
    let language: Language?
    /// The id of the request.
    let requestID: String
    /// The key by which the request is known when it comes again, with the digest of what it asks for.
    let idempotency: (key: String, fingerprint: String)?

    /// The body; `null` if the endpoint takes none.
    var body: JSON { document?.value ?? .null }

    /// The number of a record.
    func id<Record>(_ name: String = "id", of record: Record.Type = Record.self) -> Identifier<Record> {
        // What is no number was refused before.
        Identifier(rawValue: values[name]?.wholeNumber ?? 0)
    }

    /// The numbers of records in a list of the body.
    func ids<Record>(in list: String) -> [Identifier<Record>] {
        (body[list]?.entries ?? []).map { Identifier(rawValue: $0.wholeNumber ?? 0) }
    }

    func integer(_ name: String) -> Int { Int(values[name]?.wholeNumber ?? 0) }

    func text(_ name: String) -> String? { values[name]?.string }
}

/// What is answered when all is well.
struct Answer: Sendable {
    var status: HTTPResponse.Status = .ok
    /// Text of the media type of the endpoint; empty where there is nothing to say.
    let body: String

    init(_ body: JSON, status: HTTPResponse.Status = .ok) {
        self.init(text: body.description, status: status)
    }

    init(text: String, status: HTTPResponse.Status) {
        body = text
        self.status = status
    }
}
