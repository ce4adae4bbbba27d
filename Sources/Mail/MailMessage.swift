public import Domain
public import Foundation

/// A mail to one recipient.
public struct MailMessage: Sendable {
    /// Whose mail it is.
    public var from: MailAddress
    /// Who gets it.
    public var to: MailAddress
    /// Subject, one line.
    public var subject: String
    /// What it says; an empty line between paragraphs.
    public var text: String
    /// The language that it is written in, and with it the direction.
    public var language: Language
    /// Files that go with it.
    public var attachments: [URL]
    /// Its `Message-ID` without brackets; a mail that is sent again keeps it.
    public var messageID: String
    /// When it was written.
    public var date: Instant

    /// A mail.
    public init(
        from: MailAddress, to: MailAddress, subject: String, text: String, language: Language, attachments: [URL],
        messageID: String, date: Instant
    ) {
        self.from = from
        self.to = to
        self.subject = subject
        self.text = text
        self.language = language
        self.attachments = attachments
        self.messageID = messageID
        self.date = date
    }

    /// The header lines that are ours to write; the library adds those of MIME.
    var headers: [String] {
        [
            "Date: \(Self.date(date))",
            "From: \(Self.header(from))",
            "To: \(Self.header(to))",
            "Subject: \(encodedWords(subject))",
            "Message-ID: <\(messageID)>",
            "Content-Language: \(language.rawValue)",
            // So that nobody's absence notice answers.
            "Auto-Submitted: auto-generated",
        ]
    }

    private static func header(_ address: MailAddress) -> String {
        guard let name = address.name else { return "<\(address.address)>" }
        let isWord = name.utf8.allSatisfy { (65...90).contains($0) || (97...122).contains($0) || $0 == 32 }
        return "\(isWord ? name : encodedWords(name, always: true)) <\(address.address)>"
    }

    private static func date(_ instant: Instant) -> String {
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = .gmt
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss '+0000'"
        return format.string(from: Date(timeIntervalSince1970: TimeInterval(instant.seconds)))
    }

    /// The text for programs that show HTML, in its own direction.
    var html: String {
        let paragraphs = text.split(separator: "\n\n").map { paragraph in
            "<p>" + paragraph.split(separator: "\n").map(Self.escaped).joined(separator: "<br>\n") + "</p>"
        }
        return """
            <!DOCTYPE html>
            <html lang="\(language.rawValue)" dir="\(language.isRightToLeft ? "rtl" : "ltr")">
            <head><meta charset="utf-8"></head>
            <body style="font-family: sans-serif">
            \(paragraphs.joined(separator: "\n"))
            </body>
            </html>

            """
    }

    private static func escaped(_ line: Substring) -> String {
        String(line).replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}

/// Text as header lines may carry it: printable ASCII as it is, anything else as encoded words (RFC 2047).
func encodedWords(_ text: String, always: Bool = false) -> String {
    let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
    guard always || !line.utf8.allSatisfy({ (32...126).contains($0) }) || line.contains("=?") else { return line }
    // An encoded word has at most 75 characters: 45 bytes, and none breaks a character.
    var words: [String] = []
    var word: [UInt8] = []
    for character in line.unicodeScalars {
        let bytes = Array(String(character).utf8)
        if word.count + bytes.count > 45 {
            words.append("=?UTF-8?B?\(Data(word).base64EncodedString())?=")
            word.removeAll()
        }
        word += bytes
    }
    words.append("=?UTF-8?B?\(Data(word).base64EncodedString())?=")
    return words.joined(separator: " ")
}
