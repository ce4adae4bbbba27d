public import Configuration
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

    /// The header fields of the mail; the library adds those of MIME.
    var headers: [String] {
        [
            HeaderField("Date", words: Self.date(date)),
            HeaderField("From", mailbox: from.name, address: from.address),
            HeaderField("To", mailbox: to.name, address: to.address),
            HeaderField("Subject", text: subject),
            HeaderField("Message-ID", words: "<\(messageID)>"),
            HeaderField("Content-Language", words: language.rawValue),
            // So that nobody's absence notice answers.
            HeaderField("Auto-Submitted", words: "auto-generated"),
        ].map(\.text)
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
