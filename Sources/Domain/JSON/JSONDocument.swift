/// A JSON text from the network: strictly RFC 8259 in UTF-8 without byte order mark, without repeated names, and within
/// limits.
///
/// The text is validated and read in one pass over the same bytes, in time linear in their number.
package struct JSONDocument: Sendable {
    /// The value.
    package let value: JSON
    private let bytes: [UInt8]
    /// Where the values of the outermost object are, in the order of its members.
    private let ranges: [Range<Int>]

    /// Reads a text.
    ///
    /// - Throws: `JSONError` at the first violation.
    package init(_ bytes: [UInt8], limits: JSONLimits) throws(JSONError) {
        guard bytes.count <= limits.bytes else {
            throw JSONError("the text has more than \(limits.bytes) bytes", at: nil)
        }
        guard bytes.withUnsafeBufferPointer({ String(validating: $0, as: UTF8.self) }) != nil else {
            throw JSONError("the text is not UTF-8", at: nil)
        }
        self.bytes = bytes
        (value, ranges) = try bytes.withUnsafeBufferPointer { buffer throws(JSONError) in
            var parser = JSONParser(buffer, limits: limits)
            return (try parser.parse(), parser.outermostRanges)
        }
    }

    /// The value of a member of the outermost object exactly as it was written; `nil` if there is no such member.
    package func text(of name: String) -> String? {
        guard let position = value.members.firstIndex(where: { $0.name == name }) else { return nil }
        return String(decoding: bytes[ranges[position]], as: UTF8.self)
    }
}

/// A recursive descent parser; its recursion is bounded by the limit of depth.
private struct JSONParser {
    /// Longer numbers are refused: no double and no 64-bit integer needs as many characters.
    private static let longestNumber = 400
    /// Up to so many names of an object are compared with each other; more are hashed.
    private static let fewNames = 16

    private let text: UnsafeBufferPointer<UInt8>
    private let limits: JSONLimits
    private var position = 0
    private var depth = 0
    private var values = 0
    /// Where the values of the outermost object are.
    private(set) var outermostRanges: [Range<Int>] = []

    init(_ text: UnsafeBufferPointer<UInt8>, limits: JSONLimits) {
        self.text = text
        self.limits = limits
    }

    mutating func parse() throws(JSONError) -> JSON {
        if text.starts(with: [0xEF, 0xBB, 0xBF]) { throw error("a byte order mark is not allowed") }
        skipSpace()
        let value = try value()
        skipSpace()
        guard position == text.count else { throw error("the end of the text is expected") }
        return value
    }

    private func error(_ reason: String) -> JSONError { JSONError(reason, at: position) }

    private var next: UInt8? { position < text.count ? text[position] : nil }

    // MARK: Values

    private mutating func value() throws(JSONError) -> JSON {
        values += 1
        guard values <= limits.values else { throw error("there are more than \(limits.values) values") }
        switch next {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .text(try string())
        case UInt8(ascii: "t") where take("true"): return .boolean(true)
        case UInt8(ascii: "f") where take("false"): return .boolean(false)
        case UInt8(ascii: "n") where take("null"): return .null
        case let byte? where byte == UInt8(ascii: "-") || Self.isDigit(byte): return try number()
        default: throw error("a value is expected")
        }
    }

    private mutating func descend() throws(JSONError) {
        depth += 1
        guard depth <= limits.depth else {
            throw error("arrays and objects are nested more than \(limits.depth) levels deep")
        }
        position += 1
        skipSpace()
    }

    private mutating func array() throws(JSONError) -> JSON {
        try descend()
        defer { depth -= 1 }
        var entries: [JSON] = []
        if take("]") { return .array(entries) }
        while true {
            entries.append(try value())
            skipSpace()
            if take("]") { return .array(entries) }
            guard take(",") else { throw error("',' or ']' is expected") }
            skipSpace()
        }
    }

    private mutating func object() throws(JSONError) -> JSON {
        try descend()
        defer { depth -= 1 }
        var members: [JSON.Member] = []
        var names: Set<String> = []
        if take("}") { return .object(members) }
        while true {
            guard next == UInt8(ascii: "\"") else { throw error("a name in quotes is expected") }
            guard members.count < limits.members else {
                throw error("an object has more than \(limits.members) members")
            }
            let start = position
            let name = try string()
            if members.count == Self.fewNames { names = Set(members.map(\.name)) }
            let isRepeated =
                members.count < Self.fewNames
                ? members.contains { $0.name == name } : !names.insert(name).inserted
            guard !isRepeated else { throw JSONError("a name is repeated", at: start) }
            skipSpace()
            guard take(":") else { throw error("':' is expected") }
            skipSpace()
            let valueStart = position
            members.append(JSON.Member(name: name, value: try value()))
            if depth == 1 { outermostRanges.append(valueStart..<position) }
            skipSpace()
            if take("}") { return .object(members) }
            guard take(",") else { throw error("',' or '}' is expected") }
            skipSpace()
        }
    }

    // MARK: Strings

    private mutating func string() throws(JSONError) -> String {
        position += 1
        let start = position
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                defer { position += 1 }
                return String(decoding: text[start..<position], as: UTF8.self)
            case UInt8(ascii: "\\"): return try escapedString(from: start)
            case 0..<0x20: throw error("a control character must be escaped")
            default: position += 1
            }
        }
        throw error("a string does not end")
    }

    /// The rest of a string that has an escape.
    private mutating func escapedString(from start: Int) throws(JSONError) -> String {
        var bytes = Array(text[start..<position])
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return String(decoding: bytes, as: UTF8.self)
            case UInt8(ascii: "\\"):
                position += 1
                bytes.append(contentsOf: String(try escape()).utf8)
            case 0..<0x20: throw error("a control character must be escaped")
            default:
                bytes.append(byte)
                position += 1
            }
        }
        throw error("a string does not end")
    }

    /// What an escape stands for; `position` is after the backslash.
    private mutating func escape() throws(JSONError) -> Unicode.Scalar {
        guard let byte = next else { throw error("a string does not end") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: throw error("an escape is not valid")
        }
        let unit = try codeUnit()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        guard UTF16.isLeadSurrogate(unit), take("\\u") else { throw error("a surrogate is not paired") }
        let trail = try codeUnit()
        guard UTF16.isTrailSurrogate(trail) else { throw error("a surrogate is not paired") }
        let value = 0x10000 + (UInt32(unit & 0x3FF) << 10) + UInt32(trail & 0x3FF)
        guard let scalar = Unicode.Scalar(value) else { throw error("a surrogate is not paired") }
        return scalar
    }

    private mutating func codeUnit() throws(JSONError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = next.flatMap({ Character(Unicode.Scalar($0)).hexDigitValue }) else {
                throw error("four hexadecimal digits are expected")
            }
            unit = unit << 4 | UInt16(digit)
            position += 1
        }
        return unit
    }

    // MARK: Numbers

    private mutating func number() throws(JSONError) -> JSON {
        let start = position
        _ = take("-")
        if !take("0") { try digits() }
        var isWhole = true
        if take(".") {
            try digits()
            isWhole = false
        }
        if take("e") || take("E") {
            if !take("-") { _ = take("+") }
            try digits()
            isWhole = false
        }
        guard position - start <= Self.longestNumber else {
            throw JSONError("a number has more than \(Self.longestNumber) characters", at: start)
        }
        let digits = String(decoding: text[start..<position], as: UTF8.self)
        if isWhole, let integer = Int64(digits) { return .integer(integer) }
        guard let number = Double(digits), number.isFinite else {
            throw JSONError("a number is out of range", at: start)
        }
        return .number(number)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private mutating func digits() throws(JSONError) {
        let start = position
        while let byte = next, Self.isDigit(byte) { position += 1 }
        guard position > start else { throw error("a digit is expected") }
    }

    // MARK: Bytes

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func take(_ expected: StaticString) -> Bool {
        let count = expected.utf8CodeUnitCount
        guard position + count <= text.count else { return false }
        for offset in 0..<count where text[position + offset] != expected.utf8Start[offset] { return false }
        position += count
        return true
    }
}
