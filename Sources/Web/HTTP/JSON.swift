import Domain
import Foundation

/// A JSON value. The members of an object keep the order in which they were made; of one that was read they have none.
enum JSON: Sendable, Equatable {
    case null
    case boolean(Bool)
    case integer(Int64)
    case number(Double)
    case text(String)
    case array([JSON])
    case object([Member])

    /// A named value of an object.
    struct Member: Sendable, Equatable {
        let name: String
        let value: JSON
    }

    /// How deep arrays and objects of a request may lie in each other.
    static let deepest = 16

    /// The value of a member; `nil` where this is no object, or has none of that name.
    subscript(name: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }
}

// MARK: Making

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    init(stringLiteral value: String) { self = .text(value) }
    init(integerLiteral value: Int64) { self = .integer(value) }
    init(booleanLiteral value: Bool) { self = .boolean(value) }
    init(arrayLiteral elements: JSON...) { self = .array(elements) }
    init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(elements.map { Member(name: $0.0, value: $0.1) })
    }

    init(_ number: some BinaryInteger) { self = .integer(Int64(number)) }
    init(_ number: (some BinaryInteger)?) { self = number.map { .integer(Int64($0)) } ?? .null }
    /// `null` for what is no number.
    init(_ number: Double?) { self = number.flatMap { $0.isFinite ? .number($0) : nil } ?? .null }
    init(_ text: String?) { self = text.map { .text($0) } ?? .null }
    init<Record>(_ id: Identifier<Record>) { self = .integer(id.rawValue) }
    init(_ instant: Instant?) { self = instant.map { .text("\($0)") } ?? .null }
    init(_ day: Day?) { self = day.map { .text("\($0)") } ?? .null }
    init(_ values: some Sequence<JSON>) { self = .array(Array(values)) }

    /// The object with further members.
    func adding(_ members: KeyValuePairs<String, JSON>) -> JSON {
        guard case .object(let known) = self else { return self }
        return .object(known + members.map { Member(name: $0.key, value: $0.value) })
    }
}

// MARK: Writing

extension JSON: CustomStringConvertible {
    /// The value as JSON text.
    var description: String {
        var text = ""
        write(to: &text)
        return text
    }

    private func write(to text: inout String) {
        switch self {
        case .null: text += "null"
        case .boolean(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .number(let value): text += String(value)
        case .text(let value): text += value.json
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
                text += member.name.json + ":"
                member.value.write(to: &text)
            }
            text += "}"
        }
    }
}

// MARK: Reading

extension JSON: Decodable {
    /// Reads a body.
    ///
    /// - Throws: `Problem` where it is no JSON in UTF-8, or lies too deep.
    init(body bytes: some Collection<UInt8>) throws(Problem) {
        guard Self.depth(of: bytes) <= Self.deepest else {
            throw Problem(.badRequest, "the body lies deeper than \(Self.deepest) arrays and objects")
        }
        do {
            self = try JSONDecoder().decode(JSON.self, from: Data(bytes))
        } catch {
            throw Problem(.badRequest, "the body is no JSON in UTF-8")
        }
    }

    /// How deep arrays and objects lie in each other, without looking whether they are whole.
    private static func depth(of bytes: some Collection<UInt8>) -> Int {
        var depth = 0
        var deepest = 0
        var isText = false
        var isEscaped = false
        for byte in bytes {
            if isText {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else {
                    isText = byte != UInt8(ascii: "\"")
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isText = true
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                depth += 1
                deepest = max(deepest, depth)
            case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
            default: break
            }
        }
        return deepest
    }

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        // Which kind of value it is shows only by trying.
        if let object = try? decoder.container(keyedBy: Name.self) {
            self = .object(
                try object.allKeys.map { Member(name: $0.stringValue, value: try object.decode(JSON.self, forKey: $0)) }
            )
            return
        }
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if let integer = try? value.decode(Int64.self) {
            self = .integer(integer)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let boolean = try? value.decode(Bool.self) {
            self = .boolean(boolean)
        } else {
            self = .array(try value.decode([JSON].self))
        }
    }
}
