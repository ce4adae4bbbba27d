import Foundation

/// What names are compared by: two spellings of one herb, condition or symptom have the same key.
///
/// Unicode NFKC and lower case; Arabic ي, ى and ك as Persian ی and ک; diacritics (U+064B–U+0652, U+0670) and tatweel
/// removed; zero-width non-joiner and every run of white space as one space; trimmed.
public struct TextKey: Hashable, Sendable {
    /// The key's text; empty where the name had nothing to compare.
    public let text: String

    /// The key of a name as it was entered.
    public init(_ name: String) {
        var scalars = String.UnicodeScalarView()
        var spacePending = false
        for scalar in name.precomposedStringWithCompatibilityMapping.lowercased().unicodeScalars {
            switch Self.role(of: scalar) {
            case .ignored:
                continue
            case .space:
                spacePending = !scalars.isEmpty
            case .letter:
                if spacePending {
                    scalars.append(" ")
                    spacePending = false
                }
                scalars.append(Self.persianForm(of: scalar))
            }
        }
        text = String(scalars)
    }

    /// Whether a name has anything to compare by.
    public static func hasContent(_ name: String) -> Bool {
        name.unicodeScalars.contains { role(of: $0) == .letter }
    }

    private enum Role {
        case letter
        case space
        case ignored
    }

    private static func role(of scalar: Unicode.Scalar) -> Role {
        switch scalar.value {
        case 0x064B...0x0652, 0x0670, 0x0640: .ignored
        case 0x200C: .space
        default: scalar.isSpace ? .space : .letter
        }
    }

    private static func persianForm(of scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar {
        case "\u{064A}", "\u{0649}": "\u{06CC}"
        case "\u{0643}": "\u{06A9}"
        default: scalar
        }
    }
}
