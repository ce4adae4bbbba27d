import Configuration
import Domain
import Foundation
import Testing
import TestSupport

@testable import Mail

@Suite(.timeLimit(.minutes(30))) struct MailMessageTests {
    private func message(subject: String = "s", text: String = "t", from: String = "a@b.c") throws -> MailMessage {
        MailMessage(
            from: try #require(MailAddress(from)), to: try #require(MailAddress("x@y.z")), subject: subject, text: text,
            language: .persian, attachments: [], messageID: "1@b.c", date: instant("2026-10-02T03:04:05Z"))
    }

    @Test func aSubjectCannotBeginAHeaderOfItsOwn() throws {
        let headers = try message(subject: "a\r\nBcc: all@clinic.example\n\nbody").headers
        #expect(headers.allSatisfy { !$0.contains { $0.isNewline } })
        #expect(headers.contains("Subject: a Bcc: all@clinic.example body"))
    }

    @Test func datesAreAsTheStandardHasThem() throws {
        #expect(try message().headers.contains("Date: Fri, 02 Oct 2026 03:04:05 +0000"))
    }

    @Test func senderAndRecipientKeepTheirNames() throws {
        var message = try message(from: "Dr. Karimi, Clinic <a@b.c>")
        message.to = try #require(MailAddress("درمانگاه <dr@درمانگاه.example>"))
        #expect(message.headers.contains("From: \"Dr. Karimi, Clinic\" <a@b.c>"))
        #expect(
            message.headers.contains("To: =?UTF-8?B?2K/YsdmF2KfZhtqv2KfZhw==?= <dr@xn--mgbawi4hhi44f.example>"))
    }

    @Test func htmlShowsWhatTheTextSays() throws {
        let html = try message(text: "a < b & c\nd\n\n<script>").html
        #expect(html.contains("<html lang=\"fa\" dir=\"rtl\">"))
        #expect(html.contains("<p>a &lt; b &amp; c<br>\nd</p>\n<p>&lt;script&gt;</p>"))
    }
}
