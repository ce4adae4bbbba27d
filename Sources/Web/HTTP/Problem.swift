import Domain
import HTTPTypes
import Hummingbird

/// Why a request is not answered as its sender hoped, after RFC 9457.
struct Problem: Error {
    /// The status.
    let status: HTTPResponse.Status
    /// What is wrong with this request, and how to mend it.
    let detail: String
    /// The fields that are wrong.
    var fields: [FieldProblem] = []
    /// Further header lines, such as `Retry-After`.
    var headers: HTTPFields = [:]

    /// What is wrong with one field.
    struct FieldProblem: Equatable {
        /// Where it stands, such as `feedback[3].rating`.
        let field: String
        /// What it must be.
        let detail: String
    }

    init(_ status: HTTPResponse.Status, _ detail: String) {
        self.status = status
        self.detail = detail
    }

    /// Fields that are not as they must be.
    init(_ fields: [FieldProblem]) {
        status = .unprocessableContent
        detail = fields.map { "\($0.field): \($0.detail)" }.joined(separator: "; ")
        self.fields = fields
    }

    /// The answer that says so.
    ///
    /// - Parameter request: the id of the request, by which the log knows it.
    func answer(to request: String?) -> WholeAnswer {
        var body: JSON = [
            "type": "about:blank", "title": .text(status.reasonPhrase), "status": .integer(Int64(status.code)),
            "detail": .text(detail),
        ]
        if !fields.isEmpty {
            body = body.adding([
                "errors": JSON(fields.map { ["field": .text($0.field), "detail": .text($0.detail)] })
            ])
        }
        if let request { body = body.adding(["request_id": .text(request)]) }
        var answer = WholeAnswer(body, status: status, type: "application/problem+json")
        answer.headers[.cacheControl] = "no-store"
        answer.headers.append(contentsOf: headers)
        return answer
    }

    /// The answer of the router that says so.
    func response(to request: String?) -> Response { answer(to: request).response }
}
