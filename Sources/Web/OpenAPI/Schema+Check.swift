import Domain

extension Schema {
    /// What is wrong with a value; empty where it is as it must be.
    ///
    /// - Parameter field: where the value stands.
    func problems(of value: JSON, at field: String) -> [Problem.FieldProblem] {
        func wrong(_ detail: String) -> [Problem.FieldProblem] {
            [.init(field: field.isEmpty ? "body" : field, detail: detail)]
        }
        switch self {
        case .named(_, let schema), .described(_, let schema): return schema.problems(of: value, at: field)
        case .optional(let schema): return value == .null ? [] : schema.problems(of: value, at: field)
        case .any(let schemas):
            let found = schemas.map { $0.problems(of: value, at: field) }
            return found.contains { $0.isEmpty } ? [] : found.first ?? []
        case .boolean:
            if case .boolean = value { return [] }
            return wrong("must be true or false")
        case .integer(let range):
            guard let number = value.wholeNumber, range?.contains(number) ?? true else {
                return wrong("must be a whole number" + Self.text(range))
            }
            return []
        case .number(let range):
            guard let number = value.decimalNumber, range?.contains(number) ?? true else {
                return wrong("must be a number" + Self.text(range))
            }
            return []
        case .word(let words):
            guard case .text(let text) = value else { return wrong("must be one of \(words.joined(separator: ", "))") }
            return words.contains(text) ? [] : wrong(suggestion(for: String(text.prefix(100)), among: words))
        case .text(let rule):
            guard case .text(let text) = value else { return wrong("must be text") }
            return rule.reason(against: text).map(wrong) ?? []
        case .array(let schema, let least, let most):
            guard case .array(let values) = value else { return wrong("must be a list") }
            guard values.count >= least, values.count <= most ?? .max else {
                return wrong(
                    "must have \(least)\(most.map { " to \($0)" } ?? " or more") entries, but has \(values.count)")
            }
            return values.enumerated().flatMap { schema.problems(of: $1, at: "\(field)[\($0)]") }
        case .object(let properties):
            guard case .object(let members) = value else { return wrong("must be an object") }
            return Self.problems(of: members, properties, at: field)
        }
    }

    private static func problems(
        of members: [JSON.Member], _ properties: [Property], at field: String
    ) -> [Problem.FieldProblem] {
        func path(_ name: String) -> String { field.isEmpty ? name : "\(field).\(name)" }
        var problems: [Problem.FieldProblem] = []
        for member in members {
            guard let property = properties.first(where: { $0.name == member.name }) else {
                let name = String(member.name.prefix(100))
                let known = properties.map(\.name)
                problems.append(
                    .init(field: path(name), detail: "is not known; \(suggestion(for: name, among: known))"))
                continue
            }
            problems += property.schema.problems(of: member.value, at: path(member.name))
        }
        for property in properties
        where property.isRequired && !members.contains(where: { $0.name == property.name }) {
            problems.append(.init(field: path(property.name), detail: "is missing"))
        }
        return problems
    }

    private static func text<Bound>(_ range: ClosedRange<Bound>?) -> String {
        range.map { " from \($0.lowerBound) to \($0.upperBound)" } ?? ""
    }
}

extension Schema.TextRule {
    /// What stands against a text; `nil` where nothing does.
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

extension JSON {
    /// A whole number, also one that was written as 4.0; `nil` for anything else.
    var wholeNumber: Int64? {
        switch self {
        case .integer(let number): number
        case .number(let number): Int64(exactly: number)
        default: nil
        }
    }

    /// A number; `nil` for anything else.
    var decimalNumber: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .number(let number): number
        default: nil
        }
    }

    /// A text; `nil` for anything else.
    var string: String? { if case .text(let text) = self { text } else { nil } }

    /// Entries of a list; none for anything else.
    var entries: [JSON] { if case .array(let entries) = self { entries } else { [] } }
}
