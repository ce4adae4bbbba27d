import Foundation

/// The form in which names are compared: all spellings of one herb, condition, symptom or side effect have the same key.
///
/// See Terms in the definitions. In this order: default-ignorable code points removed (all but U+200B and U+200C);
/// Unicode NFKC; lower case by Unicode's default full mapping; Arabic and Urdu variants of Persian letters folded;
/// Persian and Arabic digits as 0–9; U+064B–U+065F, U+0670 and tatweel removed; each run of U+200B, U+200C and white
/// space as one space; trimmed.
public struct TextKey: Hashable, Sendable {
    /// The key's text; empty where the name has nothing to compare.
    public let text: String

    /// The key of a name as it was entered.
    public init(_ name: String) {
        var scalars = String.UnicodeScalarView()
        var spacePending = false
        for scalar in name.withoutIgnorables.precomposedStringWithCompatibilityMapping.fullyLowercased.unicodeScalars {
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
                scalars.append(Self.folded(scalar))
            }
        }
        text = String(scalars)
    }

    /// A key that was computed before, such as one that is stored.
    public init(stored text: String) { self.text = text }

    /// Whether a name has anything to compare by.
    public static func hasContent(_ name: String) -> Bool {
        name.unicodeScalars.contains { role(of: $0) == .letter && !$0.isIgnorable }
    }

    private enum Role {
        case letter
        case space
        case ignored
    }

    private static func role(of scalar: Unicode.Scalar) -> Role {
        switch scalar.value {
        case 0x064B...0x065F, 0x0670, 0x0640: .ignored
        case 0x200B, 0x200C: .space
        default: scalar.isSpace ? .space : .letter
        }
    }

    private static func folded(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar {
        case "\u{064A}", "\u{0649}", "\u{06D0}", "\u{06CD}", "\u{0626}": "\u{06CC}"
        case "\u{0643}", "\u{06AA}": "\u{06A9}"
        case "\u{0629}", "\u{06C0}", "\u{06C1}", "\u{06BE}", "\u{06D5}", "\u{06C2}", "\u{06C3}": "\u{0647}"
        case "\u{0623}", "\u{0625}", "\u{0671}": "\u{0627}"
        case "\u{0624}": "\u{0648}"
        default: scalar.plainDigit.map(Unicode.Scalar.init) ?? scalar
        }
    }
}

extension String {
    /// Unicode's default lower case of the whole text: as `lowercased()`, but with the final sigma of Greek (Unicode, 3.13).
    fileprivate var fullyLowercased: String {
        let sigma: Unicode.Scalar = "\u{03A3}"
        guard unicodeScalars.contains(sigma) else { return lowercased() }
        let scalars = Array(unicodeScalars)
        func isCased(_ neighbours: some Sequence<Unicode.Scalar>) -> Bool {
            neighbours.first { !$0.properties.isCaseIgnorable }?.properties.isCased ?? false
        }
        var lower = ""
        for (index, scalar) in scalars.enumerated() {
            let isFinal =
                scalar == sigma && isCased(scalars[..<index].reversed()) && !isCased(scalars[(index + 1)...])
            lower += isFinal ? "\u{03C2}" : scalar.properties.lowercaseMapping
        }
        return lower
    }
}
