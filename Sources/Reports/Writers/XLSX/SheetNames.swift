import Domain
import Foundation

/// The names of the sheets of a workbook, each legal and different from the others.
///
/// Excel allows up to 31 UTF-16 units, none of `[ ] : * ? / \`, no apostrophe at either end, not `History`, and no name
/// that differs from another one only by case. Case is not all that it ignores, so names with one `TextKey` count as equal,
/// in capital letters, where "ß" is "SS".
struct SheetNames {
    private static let maxLength = 31
    private static let reserved = TextKey("History")

    private var taken: Set<TextKey> = [reserved]

    /// The name for a title, which no later sheet gets.
    ///
    /// - Parameter fallback: the name where the title has no character that a name can have.
    mutating func add(_ title: String, fallback: String) -> String {
        let cleaned = Self.cleaned(title)
        let stem = TextKey.hasContent(Self.shortened(cleaned, to: Self.maxLength)) ? cleaned : fallback
        var number = 1
        while true {
            let ending = number == 1 ? "" : " (\(number))"
            let name = Self.shortened(stem, to: Self.maxLength - ending.utf16.count) + ending
            if taken.insert(TextKey(name.uppercased())).inserted { return name }
            number += 1
        }
    }

    /// The title without what a name cannot have; an apostrophe becomes a typographic one, which is allowed everywhere, and
    /// `#` its wide form.
    private static func cleaned(_ title: String) -> String {
        let scalars = title.withoutNoncharacters.unicodeScalars.map { scalar -> Unicode.Scalar in
            switch scalar {
            case "'": "\u{2019}"
            case "#": "\u{FF03}"  // libxlsxwriter ends the place of a link there
            case "[", "]", ":", "*", "?", "/", "\\", "\u{2028}", "\u{2029}": " "
            default: scalar.properties.generalCategory == .control ? " " : scalar
            }
        }
        return String(String.UnicodeScalarView(scalars)).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// The beginning of a name, cut between characters, else between scalars.
    private static func shortened(_ name: String, to length: Int) -> String {
        var stem = name[...]
        while stem.utf16.count > length { stem.removeLast() }
        if stem.isEmpty {
            var scalars = name.unicodeScalars[...]
            while Substring(scalars).utf16.count > length { scalars.removeLast() }
            stem = Substring(scalars)
        }
        return stem.trimmingCharacters(in: .whitespaces)
    }
}
