/// Reads fixed runs of ASCII digits and single characters from a buffer.
package struct DigitScanner {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    package init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    package var isAtEnd: Bool { position == bytes.count }

    package mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    package mutating func number(digits: Int) -> Int? {
        guard position + digits <= bytes.count else { return nil }
        var value = 0
        for _ in 0..<digits {
            guard let digit = nextDigit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// Takes a text, in any case of its ASCII letters.
    package mutating func take(text: String) -> Bool {
        let expected = text.utf8
        guard position + expected.count <= bytes.count else { return false }
        for (byte, other) in zip(bytes[position...], expected)
        where byte != other && !(other.isLowercaseLetter && byte == other - 0x20) { return false }
        position += expected.count
        return true
    }

    /// One to nine digits.
    package mutating func longNumber() -> Int? {
        guard var value = nextDigit() else { return nil }
        for _ in 0..<8 {
            guard let digit = nextDigit() else { break }
            value = value * 10 + digit
        }
        return value
    }

    /// One or two digits, as dates without leading zeros have them.
    package mutating func shortNumber() -> Int? {
        guard let first = nextDigit() else { return nil }
        guard let second = nextDigit() else { return first }
        return first * 10 + second
    }

    /// At least one digit, read as a fraction with `digits` places; further ones are dropped.
    package mutating func fraction(digits: Int) -> Int? {
        var value = 0
        var places = 0
        while let digit = nextDigit() {
            if places < digits { value = value * 10 + digit }
            places += 1
        }
        guard places > 0 else { return nil }
        while places < digits {
            value *= 10
            places += 1
        }
        return value
    }

    private mutating func nextDigit() -> Int? {
        guard position < bytes.count, case let digit = bytes[position] &- UInt8(ascii: "0"), digit < 10 else {
            return nil
        }
        position += 1
        return Int(digit)
    }
}

extension UInt8 {
    fileprivate var isLowercaseLetter: Bool { UInt8(ascii: "a")...UInt8(ascii: "z") ~= self }
}
