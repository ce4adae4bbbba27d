/// Which way a text runs.
enum TextDirection: Hashable {
    case leftToRight, rightToLeft

    /// The direction of the first letter or directional mark; `nil` where there is none, as in `-5` or `(۱۲)`.
    init?(firstLetterOf text: String) {
        guard let first = text.unicodeScalars.lazy.compactMap(Self.init(of:)).first else { return nil }
        self = first
    }

    /// The direction of a letter or mark; `nil` for digits, signs and spaces.
    private init?(of scalar: Unicode.Scalar) {
        switch scalar.value {
        case 0x41...0x5A, 0x61...0x7A, 0x200E: self = .leftToRight
        case 0x061C, 0x200F: self = .rightToLeft
        case ..<0x80: return nil
        default:
            guard scalar.properties.isAlphabetic else { return nil }
            self = Self.isInRightToLeftBlock(scalar.value) ? .rightToLeft : .leftToRight
        }
    }

    /// Whether Unicode keeps a code point for scripts that run from right to left (DerivedBidiClass.txt).
    private static func isInRightToLeftBlock(_ value: UInt32) -> Bool {
        switch value {
        case 0x0590...0x08FF, 0xFB1D...0xFDFF, 0xFE70...0xFEFF, 0x10800...0x10FFF, 0x1E800...0x1EFFF: true
        default: false
        }
    }

    /// The direction of what people entered: that of its first letter, else from left to right.
    init(ofEntered text: String) {
        self = Self(firstLetterOf: text) ?? .leftToRight
    }
}

extension [String] {
    /// The texts on one line with a separator between them.
    ///
    /// Where they run different ways, each is isolated (UAX #9: U+2066 or U+2067, and U+2069), so that
    /// its signs and digits stay with it.
    ///
    /// - Parameter surroundings: the direction of the text that the line is a part of; `nil` where it stands alone.
    func joinedInOrder(by separator: String = " · ", in surroundings: TextDirection? = nil) -> String {
        let directions = Set(map(TextDirection.init(ofEntered:)) + (surroundings.map { [$0] } ?? []))
        guard directions.count > 1 else { return joined(separator: separator) }
        return map { text in
            let isolate = TextDirection(ofEntered: text) == .leftToRight ? "\u{2066}" : "\u{2067}"
            return "\(isolate)\(text)\u{2069}"
        }.joined(separator: separator)
    }
}
