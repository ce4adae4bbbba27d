import Domain
import Hummingbird
import Store

extension Problem {
    /// Why something was not written.
    init(_ refusal: WriteRefusal) {
        switch refusal {
        case .missing(let what): self.init(.notFound, "there is no \(what)")
        case .taken(let what): self.init(.conflict, "\(what) is there already, with other content")
        case .tooEarly(let reason): self.init(.conflict, "created_at: \(reason)")
        case .notTheAuthor: self.init(.forbidden, "only who gave it, or an admin, may change it")
        case .tooLate(let seconds):
            self.init(.forbidden, "it was given more than \(seconds / 3600) h ago, and can no longer be changed")
        case .tooMany(let recommendation, let limit, let delay):
            self.init(
                .tooManyRequests,
                "recommendation \(recommendation) has \(limit) feedback of today, and no more are taken on one day; "
                    + "edit one of them, or try again tomorrow, in \(delay) s")
            headers[.retryAfter] = "\(delay)"
        }
    }

    /// Why nothing of an order was written.
    ///
    /// - Parameter field: the list whose entries were refused; `nil` where the order is of one.
    init(_ refusals: [Int: WriteRefusal], in field: String?) {
        let sorted = refusals.sorted { $0.key < $1.key }
        guard let first = sorted.first else { preconditionFailure("an order that is refused has a reason") }
        let problem = Problem(first.value)
        guard let field else {
            self = problem
            return
        }
        self.init(problem.status, "nothing was written: \(field)[\(first.key)]: \(problem.detail)")
        headers = problem.headers
        fields = sorted.map { .init(field: "\(field)[\($0.key)]", detail: Problem($0.value).detail) }
    }
}

extension WriteAnswer {
    /// The answer to an order of one item.
    static func single(_ outcomes: [ItemOutcome], status: HTTPResponse.Status = .created) -> Self {
        guard case .success(let record)? = outcomes.first else {
            preconditionFailure("one that is refused is not answered")
        }
        return Self(status: status.code, body: status == .noContent ? "" : "\(JSON(record))")
    }

    /// The answer to an order of several items.
    static func several(_ outcomes: [ItemOutcome], status: HTTPResponse.Status = .created) -> Self {
        let results = outcomes.map { outcome -> JSON in
            switch outcome {
            case .success(let record): ["record": JSON(record), "problem": .null]
            case .failure(let refusal):
                ["record": .null, "problem": JSON(Problem(refusal))]
            }
        }
        let written = results.count { $0["problem"] == .null }
        let body: JSON = ["written": JSON(written), "results": JSON(results)]
        return Self(status: status.code, body: "\(body)")
    }
}

extension JSON {
    init(_ record: WrittenRecord) {
        switch record {
        case .feedback(let feedback): self.init(feedback)
        case .patient(let patient): self.init(patient)
        case .diagnosis(let diagnosis): self.init(diagnosis)
        case .recommendation(let recommendation): self.init(recommendation)
        }
    }

    fileprivate init(_ problem: Problem) {
        self = ["status": JSON(problem.status.code), "detail": .text(problem.detail)]
    }
}

extension Schema {
    /// What came of each of several.
    static func results(of record: Schema) -> Schema {
        let problem = Schema.named(
            "ItemProblem", .object([Property("status", .integer), Property("detail", .text)]))
        let result = Schema.object([
            Property("record", .optional(record), "As it stands; null where it was not written."),
            Property("problem", .optional(problem), "Why it was not written; null where it was."),
        ])
        return .object([Property("written", .count), Property("results", .array(of: result))])
    }
}
