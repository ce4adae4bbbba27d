import Foundation

/// A JSON object whose values are kept as they were written, so that who hands one on changes neither digits nor order.
struct RawJSONObject {
    private let text: [UInt8]
    private var ranges: [String: Range<Int>] = [:]

    /// `nil` where the bytes are no JSON object in UTF-8, or a name stands twice in it.
    init?(_ bytes: some Sequence<UInt8>) {
        text = Array(bytes)
        guard text.withUnsafeBufferPointer({ String(validating: $0, as: UTF8.self) }) != nil else { return nil }
        var names: [(name: Range<Int>, value: Range<Int>)] = []
        let isObject = text.withUnsafeBufferPointer { text in
            var scanner = JSONScanner(text)
            return scanner.isObject { names.append((name: $0, value: $1)) } && scanner.isAtEnd
        }
        guard isObject else { return nil }
        for (name, value) in names {
            guard let name = string(at: name), ranges.updateValue(value, forKey: name) == nil else { return nil }
        }
    }

    /// The value of a member as it was written; `nil` where there is none.
    subscript(name: String) -> String? {
        ranges[name].map { String(decoding: text[$0], as: UTF8.self) }
    }

    /// A member that is an object, as it was written; `nil` where it is none.
    func object(_ name: String) -> String? {
        guard let range = ranges[name], text[range.lowerBound] == UInt8(ascii: "{") else { return nil }
        return self[name]
    }

    /// A member that is a whole number of 64 bits, written without point and exponent; `nil` where it is none.
    func integer(_ name: String) -> Int64? {
        self[name].flatMap { Int64($0) }
    }

    /// What a string in quotes says.
    private func string(at range: Range<Int>) -> String? {
        guard text[range].contains(UInt8(ascii: "\\")) else {
            return String(decoding: text[range.dropFirst().dropLast()], as: UTF8.self)
        }
        return try? JSONDecoder().decode(String.self, from: Data(text[range]))  // no name where it has no meaning
    }
}

/// Reads JSON after RFC 8259, without making anything of it.
private struct JSONScanner {
    /// How deep arrays and objects may lie in each other.
    private static let deepest = 512

    private let text: UnsafeBufferPointer<UInt8>
    private var position = 0
    private var depth = 0

    init(_ text: UnsafeBufferPointer<UInt8>) {
        self.text = text
    }

    private var next: UInt8? { position < text.count ? text[position] : nil }

    /// Whether nothing follows but space.
    var isAtEnd: Bool {
        mutating get {
            skipSpace()
            return position == text.count
        }
    }

    /// Reads an object.
    ///
    /// - Parameter member: told where each name, in its quotes, and its value stand.
    mutating func isObject(_ member: (_ name: Range<Int>, _ value: Range<Int>) -> Void = { _, _ in }) -> Bool {
        isList(from: "{", to: "}") { scanner in
            let name = scanner.position
            guard scanner.isString() else { return false }
            let nameEnd = scanner.position
            scanner.skipSpace()
            guard scanner.takes(":") else { return false }
            scanner.skipSpace()
            let value = scanner.position
            guard scanner.isValue() else { return false }
            member(name..<nameEnd, value..<scanner.position)
            return true
        }
    }

    private mutating func isValue() -> Bool {
        switch next {
        case UInt8(ascii: "{"): isObject()
        case UInt8(ascii: "["): isList(from: "[", to: "]") { $0.isValue() }
        case UInt8(ascii: "\""): isString()
        case UInt8(ascii: "t"): takes("true")
        case UInt8(ascii: "f"): takes("false")
        case UInt8(ascii: "n"): takes("null")
        default: isNumber()
        }
    }

    private mutating func isList(
        from start: StaticString, to end: StaticString, of isItem: (inout Self) -> Bool
    ) -> Bool {
        skipSpace()
        guard depth < Self.deepest, takes(start) else { return false }
        depth += 1
        defer { depth -= 1 }
        skipSpace()
        if takes(end) { return true }
        while true {
            guard isItem(&self) else { return false }
            skipSpace()
            guard takes(",") else { return takes(end) }
            skipSpace()
        }
    }

    private mutating func isString() -> Bool {
        guard takes("\"") else { return false }
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return true
            case UInt8(ascii: "\\"): guard isEscape() else { return false }
            case 0..<0x20: return false
            default: break
            }
        }
        return false
    }

    /// Reads what follows a backslash.
    private mutating func isEscape() -> Bool {
        guard let byte = next else { return false }
        position += 1
        guard byte == UInt8(ascii: "u") else { return #""\/bfnrt"#.utf8.contains(byte) }
        guard let unit = codeUnit() else { return false }
        if UTF16.isTrailSurrogate(unit) { return false }
        guard UTF16.isLeadSurrogate(unit) else { return true }
        return takes("\\u") && codeUnit().map(UTF16.isTrailSurrogate) == true
    }

    private mutating func codeUnit() -> UInt16? {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = next.flatMap({ Character(UnicodeScalar($0)).hexDigitValue }) else { return nil }
            unit = unit << 4 | UInt16(digit)
            position += 1
        }
        return unit
    }

    /// Reads a number that a double can stand for, since that is what most who read it make of it.
    private mutating func isNumber() -> Bool {
        let start = position
        _ = takes("-")
        if !takes("0") { guard areDigits() else { return false } }
        if takes(".") { guard areDigits() else { return false } }
        let hasExponent = takes("e") || takes("E")
        if hasExponent {
            if !takes("-") { _ = takes("+") }
            guard areDigits() else { return false }
        }
        guard hasExponent || position - start > 300 else { return true }
        return Double(String(decoding: text[start..<position], as: UTF8.self))?.isFinite ?? false
    }

    private mutating func areDigits() -> Bool {
        let start = position
        while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        return position > start
    }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func takes(_ expected: StaticString) -> Bool {
        let count = expected.utf8CodeUnitCount
        guard position + count <= text.count else { return false }
        for offset in 0..<count where text[position + offset] != expected.utf8Start[offset] { return false }
        position += count
        return true
    }
}
