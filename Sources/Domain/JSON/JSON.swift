/// A JSON value (RFC 8259). The members of an object keep their order.
///
/// All JSON that the program writes is written here, but for tables on the command line, which give measures a fixed number of
/// decimals, and summaries of imports, which are coded both ways. All JSON from the network is read by `JSONDocument`.
package enum JSON: Sendable, Equatable {
    case null
    case boolean(Bool)
    case integer(Int64)
    case number(Double)
    case text(String)
    case array([JSON])
    case object([Member])

    /// A named value of an object.
    package struct Member: Sendable, Equatable {
        package let name: String
        package let value: JSON

        package init(name: String, value: JSON) {
            self.name = name
            self.value = value
        }
    }

    /// The value of a member; `nil` if this is not an object or has no such member.
    package subscript(name: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }
}

// MARK: Making

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .text(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(booleanLiteral value: Bool) { self = .boolean(value) }
    package init(arrayLiteral elements: JSON...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(elements.map { Member(name: $0.0, value: $0.1) })
    }

    package init(_ number: some BinaryInteger) { self = .integer(Int64(number)) }
    package init(_ number: (some BinaryInteger)?) { self = number.map { .integer(Int64($0)) } ?? .null }
    /// `null` for infinities and NaN, which JSON cannot express.
    package init(_ number: Double?) { self = number.flatMap { $0.isFinite ? .number($0) : nil } ?? .null }
    package init(_ text: String?) { self = text.map { .text($0) } ?? .null }
    package init<Record>(_ id: Identifier<Record>) { self = .integer(id.rawValue) }
    package init(_ instant: Instant?) { self = instant.map { .text("\($0)") } ?? .null }
    package init(_ day: Day?) { self = day.map { .text("\($0)") } ?? .null }
    package init(_ values: some Sequence<JSON>) { self = .array(Array(values)) }

    /// The object with the members of another one after its own.
    package func adding(members other: JSON) -> JSON {
        guard case .object(let known) = self else { return self }
        return .object(known + other.members)
    }

    /// The object with further members.
    package func adding(_ members: KeyValuePairs<String, JSON>) -> JSON {
        guard case .object(let known) = self else { return self }
        return .object(known + members.map { Member(name: $0.key, value: $0.value) })
    }
}

// MARK: Writing

extension JSON: CustomStringConvertible {
    /// The value as JSON text.
    package var description: String {
        var text = ""
        write(to: &text)
        return text
    }

    /// The JSON text of an object with a further member whose value is already JSON text, which is copied unchanged.
    ///
    /// - Precondition: this is an object, and `value` is valid JSON.
    package func description(adding name: String, verbatim value: String) -> String {
        guard case .object(let members) = self else { preconditionFailure("only objects have members") }
        return "\(description.dropLast())\(members.isEmpty ? "" : ",")\(name.json):\(value)}"
    }

    private func write(to text: inout String) {
        switch self {
        case .null: text += "null"
        case .boolean(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .number(let value): text += String(value)
        case .text(let value): text.appendJSON(value)
        case .array(let values):
            text += "["
            for (position, value) in values.enumerated() {
                if position > 0 { text += "," }
                value.write(to: &text)
            }
            text += "]"
        case .object(let members):
            text += "{"
            for (position, member) in members.enumerated() {
                if position > 0 { text += "," }
                text.appendJSON(member.name)
                text += ":"
                member.value.write(to: &text)
            }
            text += "}"
        }
    }
}

// MARK: Reading

extension JSON {
    /// A whole number, including one written as `4.0`; `nil` for anything else.
    package var wholeNumber: Int64? {
        switch self {
        case .integer(let number): number
        case .number(let number): Int64(exactly: number)
        default: nil
        }
    }

    /// A number; `nil` for anything else.
    package var decimalNumber: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .number(let number): number
        default: nil
        }
    }

    /// A text; `nil` for anything else.
    package var string: String? { if case .text(let text) = self { text } else { nil } }

    /// The entries of a list; empty for anything else.
    package var entries: [JSON] { if case .array(let entries) = self { entries } else { [] } }

    /// The members of an object; empty for anything else.
    package var members: [Member] { if case .object(let members) = self { members } else { [] } }
}
