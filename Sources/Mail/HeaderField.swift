import Foundation

/// A header field of a mail as it is sent: folded into lines of at most 78 characters where that is possible (RFC 5322,
/// section 2.1.1), with text that is not plain ASCII in encoded words (RFC 2047).
struct HeaderField {
    private static let maxLine = 78
    /// The longest line with an encoded word.
    private static let maxEncodedLine = 76
    private static let maxEncodedWord = 75
    private static let encodingPrefix = "=?UTF-8?B?"
    private static let encodingSuffix = "?="
    /// Bytes that fit into the longest encoded word.
    private static let maxEncodedBytes = (maxEncodedWord - encodingPrefix.count - encodingSuffix.count) / 4 * 3

    /// The field with its name, lines separated by CRLF, without a line end at the end.
    private(set) var text: String
    /// Characters in the last line.
    private var column: Int
    /// Whether the last line has nothing but the name.
    private var isEmpty = true
    private var lineIsEncoded = false

    /// A field without a value.
    init(_ name: String) {
        text = name + ":"
        column = text.utf8.count
    }

    /// A field with a value of words that are separated by blanks and that are sent as they are.
    init(_ name: String, words: String) {
        self.init(name)
        for word in words.split(separator: " ") { append(word: String(word)) }
    }

    /// A field with any text, such as a subject. Line breaks become blanks.
    init(_ name: String, text: String) {
        self.init(name)
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        if Self.needsEncoding(line) {
            append(encoded: line)
        } else {
            for word in line.split(separator: " ") { append(word: String(word)) }
        }
    }

    /// A field with an address and its display name.
    init(_ name: String, mailbox displayName: String?, address: String) {
        self.init(name)
        if let displayName {
            if Self.needsEncoding(displayName) {
                append(encoded: displayName)
            } else if displayName.utf8.allSatisfy({ Self.isAtomCharacter($0) || $0 == UInt8(ascii: " ") }) {
                for word in displayName.split(separator: " ") { append(word: String(word)) }
            } else {
                // A quoted string may be folded at its blanks.
                let quoted = displayName.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
                for word in "\"\(quoted)\"".split(separator: " ") { append(word: String(word)) }
            }
        }
        append(word: "<\(address)>")
    }

    /// Whether a text would not come back unchanged if it were sent as it is, or has words too long to be folded.
    private static func needsEncoding(_ text: String) -> Bool {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        return !text.utf8.allSatisfy { (32...126).contains($0) } || text.contains("=?")
            || words.contains { $0.isEmpty || $0.utf8.count > maxEncodedWord - 2 }
    }

    /// `atext` (RFC 5322, section 3.2.3).
    private static func isAtomCharacter(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
            || "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
    }

    // MARK: Lines

    private mutating func beginLine() {
        text += "\r\n"
        column = 0
        isEmpty = false
        lineIsEncoded = false
    }

    private mutating func append(word: String, isEncoded: Bool = false) {
        let limit = isEncoded || lineIsEncoded ? Self.maxEncodedLine : Self.maxLine
        if !isEmpty, column + 1 + word.utf8.count > limit { beginLine() }
        text += " " + word
        column += 1 + word.utf8.count
        isEmpty = false
        lineIsEncoded = lineIsEncoded || isEncoded
    }

    /// The bytes that an encoded word at the end of the last line may have.
    private var room: Int {
        let characters =
            Self.maxEncodedLine - column - 1 - Self.encodingPrefix.count - Self.encodingSuffix.count
        return min(Self.maxEncodedBytes, max(characters, 0) / 4 * 3)
    }

    private mutating func append(encoded text: String) {
        var bytes: [UInt8] = []
        var room = room
        func word() -> String { Self.encodingPrefix + Data(bytes).base64EncodedString() + Self.encodingSuffix }
        // No word may end inside a character.
        for scalar in text.unicodeScalars {
            let scalarBytes = Array(String(scalar).utf8)
            if bytes.count + scalarBytes.count > room {
                if !bytes.isEmpty { append(word: word(), isEncoded: true) }
                bytes.removeAll()
                beginLine()
                room = self.room
            }
            bytes += scalarBytes
        }
        if !bytes.isEmpty { append(word: word(), isEncoded: true) }
    }
}
