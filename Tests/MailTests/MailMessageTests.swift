import Domain
import Foundation
import Testing
import TestSupport

@testable import Mail

struct MailMessageTests {
    private func message(subject: String = "s", text: String = "t", from: String = "a@b.c") throws -> MailMessage {
        MailMessage(
            from: try #require(MailAddress(from)), to: try #require(MailAddress("x@y.z")), subject: subject, text: text,
            language: .persian, attachments: [], messageID: "1@b.c", date: instant("2026-10-02T03:04:05Z"))
    }

    /// What a mail program makes of encoded words: each is decoded, and blanks between them go.
    private func decoded(_ words: String) throws -> String {
        try words.split(separator: " ").map { word in
            #expect(word.count <= 75)
            #expect(word.hasPrefix("=?UTF-8?B?") && word.hasSuffix("?="))
            let bytes = try #require(Data(base64Encoded: String(word.dropFirst(10).dropLast(2))))
            // Each word has whole characters.
            return try #require(String(data: bytes, encoding: .utf8))
        }.joined()
    }

    @Test func plainTextStaysAsItIs() {
        #expect(encodedWords("Herb effectiveness, 2026-10-20") == "Herb effectiveness, 2026-10-20")
    }

    @Test(arguments: ["اثربخشی گیاهان", "é", "=?x?=", String(repeating: "گل‌گاوزبان 🌿 ", count: 30)])
    func anythingElseComesBackWhole(text: String) throws {
        #expect(try decoded(encodedWords(text)) == text)
    }

    @Test func aSubjectCannotBeginAHeaderOfItsOwn() throws {
        let headers = try message(subject: "a\r\nBcc: all@clinic.example\n\nbody").headers
        #expect(headers.allSatisfy { !$0.contains { $0.isNewline } })
        #expect(headers.contains("Subject: a Bcc: all@clinic.example body"))
    }

    @Test func namesOfAnyLettersAndDatesAreAsTheStandardHasThem() throws {
        let headers = try message(from: "Dr. Karimi, Clinic <a@b.c>").headers
        #expect(headers.contains("Date: Fri, 02 Oct 2026 03:04:05 +0000"))
        let sender = try #require(headers.first { $0.hasPrefix("From: ") }?.dropFirst(6))
        #expect(sender.hasSuffix(" <a@b.c>"))
        #expect(try decoded(String(sender.dropLast(8))) == "Dr. Karimi, Clinic")
    }

    @Test func htmlShowsWhatTheTextSays() throws {
        let html = try message(text: "a < b & c\nd\n\n<script>").html
        #expect(html.contains("<html lang=\"fa\" dir=\"rtl\">"))
        #expect(html.contains("<p>a &lt; b &amp; c<br>\nd</p>\n<p>&lt;script&gt;</p>"))
    }
}
