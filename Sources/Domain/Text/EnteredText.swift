/// Text that people and other programs enter: which characters it may have, and how it is cleaned.
extension String {
    /// The first character that no name may have: a noncharacter, or a control character other than tab and line feed.
    ///
    /// Neither can be written to XML or shown, and Unicode allows noncharacters only inside a program.
    package var forbiddenInName: Unicode.Scalar? {
        unicodeScalars.first { $0.isForbidden && $0 != "\t" && $0 != "\n" }
    }

    /// The first character that no comment may have: as `forbiddenInName`, but a carriage return is allowed.
    package var forbiddenInComment: Unicode.Scalar? {
        unicodeScalars.first { $0.isForbidden && $0 != "\t" && $0 != "\n" && $0 != "\r" }
    }

    /// The text with U+FFFD for each noncharacter, for writers that meet one that an older version stored; the text itself
    /// where there is none.
    package var withoutNoncharacters: String {
        guard unicodeScalars.contains(where: \.isNoncharacter) else { return self }
        return String(String.UnicodeScalarView(unicodeScalars.map { $0.isNoncharacter ? "\u{FFFD}" : $0 }))
    }

    /// The name as it is stored and displayed: without default-ignorable code points, but U+200B as a space and U+200C
    /// inside, and without white space and U+200C at its ends. The text itself where nothing changes.
    package var displayedName: String {
        func isOuter(_ scalar: Unicode.Scalar?) -> Bool { scalar.map { $0.isSpace || $0 == "\u{200C}" } ?? false }
        var rest = withoutIgnorables
        if rest.unicodeScalars.contains("\u{200B}") {
            rest = String(String.UnicodeScalarView(rest.unicodeScalars.map { $0 == "\u{200B}" ? " " : $0 }))
        }
        guard isOuter(rest.unicodeScalars.first) || isOuter(rest.unicodeScalars.last) else { return rest }
        var scalars = rest.unicodeScalars[...]
        while isOuter(scalars.first) { scalars.removeFirst() }
        while isOuter(scalars.last) { scalars.removeLast() }
        return String(scalars)
    }

    /// The text without default-ignorable code points, all but U+200B and U+200C; the text itself where there is none.
    package var withoutIgnorables: String {
        guard unicodeScalars.contains(where: \.isIgnorable) else { return self }
        return String(String.UnicodeScalarView(unicodeScalars.filter { !$0.isIgnorable }))
    }

    /// The text of a number, date or keyword as ASCII has it: digits of three scripts as 0–9, the Arabic decimal separator
    /// as a point, without default-ignorable code points and white space around; the text itself where nothing changes.
    package var withPlainDigits: String {
        if utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) { return self }
        var scalars = String.UnicodeScalarView()
        for scalar in withoutOuterWhitespace.unicodeScalars {
            switch scalar {
            case "\u{066B}": scalars.append(".")
            case "\u{200B}", "\u{200C}": continue
            case _ where scalar.isIgnorable: continue
            default: scalars.append(scalar.plainDigit.map(Unicode.Scalar.init) ?? scalar)
            }
        }
        return String(scalars).withoutOuterWhitespace
    }
}

extension Unicode.Scalar {
    /// Whether Unicode will never assign it: U+FDD0–U+FDEF and the last two of each plane.
    package var isNoncharacter: Bool {
        value & 0xFFFE == 0xFFFE || (0xFDD0...0xFDEF).contains(value)
    }

    /// Whether it is a noncharacter or a control character (general category Cc).
    fileprivate var isForbidden: Bool {
        value < 0x20 || (0x7F...0x9F).contains(value) || isNoncharacter
    }

    /// Whether it is a default-ignorable code point other than U+200B and U+200C, which separate words.
    /// Most letters are known without looking them up.
    package var isIgnorable: Bool {
        switch value {
        case 0xAD, 0x034F, 0x061C: true
        case ..<0x115F, 0x200B, 0x200C: false
        default: properties.isDefaultIgnorableCodePoint
        }
    }

    /// The ASCII digit of a Persian or an Arabic one; `nil` for any other character.
    package var plainDigit: UInt8? {
        switch value {
        case 0x0660...0x0669: UInt8(value - 0x0660 + 0x30)
        case 0x06F0...0x06F9: UInt8(value - 0x06F0 + 0x30)
        default: nil
        }
    }
}
