extension Unicode.Scalar {
    /// Whether a terminal or a table would act on it instead of showing it: a control of C0 or C1, a separator of lines or
    /// paragraphs, a control of bidirectional text, or a noncharacter.
    var actsUnseen: Bool {
        switch value {
        case 0x00...0x1F, 0x7F...0x9F: true
        case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        case 0x2028, 0x2029: true
        default: isNoncharacter
        }
    }
}

extension String {
    /// The text on one line with nothing in it that a terminal would act on: controls, line ends, marks and overrides of
    /// bidirectional text and noncharacters are written as `\u{1B}`.
    package var visible: String { replacingUnseen { "\\u{\(hexadecimalDigits($0.value, atLeast: 2))}" } }

    /// JSON text with the same characters as `\u001b`, which means the same to a program: in JSON they can only be inside
    /// strings.
    ///
    /// Line ends and tabs between values are kept.
    package var visibleJSON: String {
        replacingUnseen { scalar in
            switch scalar {
            case "\n", "\r", "\t": String(scalar)
            default: String(scalar).utf16.map { "\\u\(hexadecimalDigits($0, atLeast: 4))" }.joined()
            }
        }
    }

    private func replacingUnseen(_ form: (Unicode.Scalar) -> String) -> String {
        guard unicodeScalars.contains(where: \.actsUnseen) else { return self }
        var text = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            if scalar.actsUnseen { text.append(contentsOf: form(scalar).unicodeScalars) } else { text.append(scalar) }
        }
        return String(text)
    }
}

extension Unicode.Scalar {
    /// The code point as Unicode writes it, such as `1F600` or `001B`.
    package var codePoint: String { hexadecimalDigits(value, atLeast: 4) }
}

/// A number in capital hexadecimal digits, at least `digits` of them.
private func hexadecimalDigits(_ number: some UnsignedInteger, atLeast digits: Int) -> String {
    let text = String(number, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
}
