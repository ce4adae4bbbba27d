import Domain

extension Schema {
    /// The schema as JSON Schema has it; what has a name is referred to, and noted.
    func json(noting components: inout [String: JSON]) -> JSON {
        switch self {
        case .boolean: ["type": "boolean"]
        case .integer(let range):
            Self.bounded("integer", range.map { (.integer($0.lowerBound), .integer($0.upperBound)) })
        case .number(let range): Self.bounded("number", range.map { (.number($0.lowerBound), .number($0.upperBound)) })
        case .word(let words): ["type": "string", "enum": JSON(words.map { .text($0) })]
        case .text(let rule): rule.json
        case .array(let schema, let least, let most):
            Self.array(schema.json(noting: &components), least, most)
        case .object(let properties): Self.object(properties, isOpen: false, noting: &components)
        case .optional(let schema): ["anyOf": [schema.json(noting: &components), ["type": "null"]]]
        case .openObject(let properties): Self.object(properties, isOpen: true, noting: &components)
        case .constant(let value): ["const": value]
        case .any(let schemas): ["anyOf": JSON(schemas.map { $0.json(noting: &components) })]
        case .described(let text, let schema): Self.describe(schema.json(noting: &components), text)
        case .named(let name, let schema): Self.reference(name, schema, noting: &components)
        }
    }

    private static func bounded(_ type: JSON, _ range: (JSON, JSON)?) -> JSON {
        let json: JSON = ["type": type]
        return range.map { json.adding(["minimum": $0.0, "maximum": $0.1]) } ?? json
    }

    private static func array(_ items: JSON, _ least: Int, _ most: Int?) -> JSON {
        var json: JSON = ["type": "array", "items": items]
        if least > 0 { json = json.adding(["minItems": JSON(least)]) }
        if let most { json = json.adding(["maxItems": JSON(most)]) }
        return json
    }

    private static func object(
        _ properties: [Property], isOpen: Bool, noting components: inout [String: JSON]
    ) -> JSON {
        let members = properties.map { property in
            JSON.Member(name: property.name, value: property.schema.json(noting: &components))
        }
        let required = properties.filter(\.isRequired).map { JSON.text($0.name) }
        var json: JSON = ["type": "object"]
        if !members.isEmpty || !isOpen { json = json.adding(["properties": .object(members)]) }
        if !isOpen { json = json.adding(["additionalProperties": false]) }
        return required.isEmpty ? json : json.adding(["required": .array(required)])
    }

    private static func describe(_ json: JSON, _ text: String) -> JSON { json.adding(["description": .text(text)]) }

    private static func reference(_ name: String, _ schema: Schema, noting components: inout [String: JSON]) -> JSON {
        if components[name] == nil {
            components[name] = .null  // so that one that refers to itself ends
            components[name] = schema.json(noting: &components)
        }
        return ["$ref": .text("#/components/schemas/\(name)")]
    }
}

extension Schema.TextRule {
    fileprivate var json: JSON {
        var json: JSON = ["type": "string"]
        if let longest { json = json.adding(["maxLength": JSON(longest)]) }
        if let format { json = json.adding(["format": .text(format)]) }
        if let pattern { json = json.adding(["pattern": .text(pattern.expression)]) }
        return json
    }
}
