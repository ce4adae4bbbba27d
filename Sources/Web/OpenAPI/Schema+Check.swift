import Domain

/// The violations found in a request, of which only the first few are reported: a request with thousands must cost no more
/// than one with a handful, and neither must its answer.
struct ProblemList {
    private(set) var problems: [Problem.FieldProblem] = []
    /// Whether no more are wanted, so that checking stops.
    var isFull: Bool { problems.count >= limit }
    private let limit: Int
    private var hasSuggested = false

    init(limit: Int = NetworkLimits.problems) {
        self.limit = limit
    }

    mutating func add(_ field: String, _ detail: String) {
        if !isFull { problems.append(.init(field: field, detail: detail)) }
    }

    /// Adds that a name is not known. Only the first one gets a suggestion, which costs a comparison with every known name.
    mutating func addUnknown(_ name: String, at field: String, _ detail: String, among known: [String]) {
        guard !isFull else { return }
        add(field, hasSuggested ? detail : "\(detail); \(suggestion(for: name, among: known))")
        hasSuggested = true
    }
}

extension Schema {
    /// What is wrong with a value; empty if nothing is.
    ///
    /// - Parameter field: the path of the value, such as `feedback[3].rating`.
    func problems(of value: JSON, at field: String) -> [Problem.FieldProblem] {
        var list = ProblemList()
        check(value, at: field, &list)
        return list.problems
    }

    /// Adds what is wrong with a value; stops once the list is full.
    func check(_ value: JSON, at field: String, _ list: inout ProblemList) {
        func wrong(_ detail: String) { list.add(field.isEmpty ? "body" : field, detail) }
        switch self {
        case .named(_, let schema), .described(_, let schema): schema.check(value, at: field, &list)
        case .optional(let schema): if value != .null { schema.check(value, at: field, &list) }
        case .any(let schemas): Self.check(value, schemas, at: field, &list)
        case .constant(let constant): if value != constant { wrong("must be \(constant)") }
        case .boolean:
            guard case .boolean = value else { return wrong("must be true or false") }
        case .integer(let range):
            guard let number = value.wholeNumber, range?.contains(number) ?? true else {
                return wrong("must be a whole number" + Self.text(range))
            }
        case .number(let range):
            guard let number = value.decimalNumber, range?.contains(number) ?? true else {
                return wrong("must be a number" + Self.text(range))
            }
        case .word(let words): Self.check(value, isOneOf: words, at: field, &list)
        case .text(let rule):
            guard case .text(let text) = value else { return wrong("must be text") }
            if let reason = rule.reason(against: text) { wrong(reason) }
        case .array(let schema, let least, let most):
            guard case .array(let values) = value else { return wrong("must be a list") }
            guard values.count >= least, values.count <= most ?? .max else {
                return wrong(
                    "must have \(least)\(most.map { " to \($0)" } ?? " or more") entries, but has \(values.count)")
            }
            for (position, value) in values.enumerated() where !list.isFull {
                schema.check(value, at: "\(field)[\(position)]", &list)
            }
        case .object(let properties), .openObject(let properties):
            guard case .object(let members) = value else { return wrong("must be an object") }
            Self.check(members, properties, isOpen: isOpen, at: field, &list)
        }
    }

    private static func check(_ value: JSON, _ schemas: [Schema], at field: String, _ list: inout ProblemList) {
        var first: [Problem.FieldProblem]?
        for schema in schemas {
            let problems = schema.problems(of: value, at: field)
            if problems.isEmpty { return }
            first = first ?? problems
        }
        for problem in first ?? [] { list.add(problem.field, problem.detail) }
    }

    private static func check(
        _ value: JSON, isOneOf words: [String], at field: String, _ list: inout ProblemList
    ) {
        guard case .text(let text) = value else {
            return list.add(field, "must be one of \(words.joined(separator: ", "))")
        }
        guard !words.contains(text), !list.isFull else { return }
        list.add(field, suggestion(for: String(text.prefix(NetworkLimits.quote)), among: words))
    }

    private var isOpen: Bool { if case .openObject = self { true } else { false } }

    private static func check(
        _ members: [JSON.Member], _ properties: [Property], isOpen: Bool, at field: String, _ list: inout ProblemList
    ) {
        func path(_ name: String) -> String { field.isEmpty ? name : "\(field).\(name)" }
        for member in members {
            if list.isFull { return }
            if let property = properties.first(where: { $0.name == member.name }) {
                property.schema.check(member.value, at: path(member.name), &list)
            } else if !isOpen {
                let name = String(member.name.prefix(NetworkLimits.quote))
                list.addUnknown(name, at: path(name), "is not known", among: properties.map(\.name))
            }
        }
        for property in properties
        where property.isRequired && !members.contains(where: { $0.name == property.name }) {
            list.add(path(property.name), "is missing")
        }
    }

    private static func text<Bound>(_ range: ClosedRange<Bound>?) -> String {
        range.map { " from \($0.lowerBound) to \($0.upperBound)" } ?? ""
    }
}

extension Schema.TextRule {
    /// What is wrong with a text; `nil` if nothing is.
    fileprivate func reason(against text: String) -> String? {
        let length = text.unicodeScalars.count
        if let longest, length > longest { return "has \(length) characters, but at most \(longest) are allowed" }
        if format == "date-time", Instant(rfc3339: text) == nil {
            return "must be an RFC 3339 date-time such as 2026-10-20T09:30:00+03:30"
        }
        if format == "date", Day(text) == nil { return "must be a day such as 2026-10-20" }
        if let pattern, !pattern.matches(text) { return "must be \(pattern.what)" }
        return nil
    }
}
