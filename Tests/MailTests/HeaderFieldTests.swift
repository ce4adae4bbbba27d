import Foundation
import Testing

@testable import Mail

/// Header fields are folded after RFC 5322 and encoded after RFC 2047.
@Suite(.timeLimit(.minutes(30))) struct HeaderFieldTests {
    /// What a mail program makes of a field: lines are unfolded, encoded words decoded, and blanks between them removed.
    private func read(_ field: HeaderField) throws -> String {
        let lines = field.text.components(separatedBy: "\r\n")
        for line in lines {
            #expect(line.utf8.count <= (line.contains("=?") ? 76 : 78), "\(line)")
            #expect(!line.trimmingCharacters(in: .whitespaces).isEmpty)
            #expect(line.utf8.allSatisfy { (32...126).contains($0) })
        }
        #expect(lines.dropFirst().allSatisfy { $0.hasPrefix(" ") })
        var text = ""
        var wasEncoded = false
        for word in lines.joined().drop(while: { $0 != ":" }).dropFirst(2).split(separator: " ") {
            let isEncoded = word.hasPrefix("=?UTF-8?B?") && word.hasSuffix("?=")
            if !text.isEmpty, !(wasEncoded && isEncoded) { text += " " }
            if isEncoded {
                #expect(word.utf8.count <= 75)
                let bytes = try #require(Data(base64Encoded: String(word.dropFirst(10).dropLast(2))))
                // Each word has whole characters.
                text += try #require(String(data: bytes, encoding: .utf8))
            } else {
                text += word
            }
            wasEncoded = isEncoded
        }
        return text
    }

    @Test func plainTextStaysAsItIs() {
        #expect(
            HeaderField("Subject", text: "Herb effectiveness, 2026-10-20").text
                == "Subject: Herb effectiveness, 2026-10-20")
    }

    @Test(
        "any text comes back whole in lines of at most 78 characters",
        arguments: [
            "اثربخشی گیاهان", "é", "=?x?=", String(repeating: "گل‌گاوزبان 🌿 ", count: 30) + "x",
            String(repeating: "effectiveness of herbs ", count: 60) + "end", String(repeating: "x", count: 2000),
            "a  b", " a ", String(repeating: "گ", count: 1000), "x",
            "گزارش اثربخشی گیاهان دارویی درمانگاه شهید بهشتی در سه ماه گذشته، ۱۴۰۵/۰۷/۲۸",
        ])
    func anyTextComesBackWhole(text: String) throws {
        #expect(try read(HeaderField("Subject", text: text)) == text)
    }

    @Test(
        "names are atoms, quoted strings or encoded words",
        arguments: [
            ("Clinic", "Clinic <a@b.c>"), ("Dr. Karimi", "\"Dr. Karimi\" <a@b.c>"),
            ("Karimi, Clinic", "\"Karimi, Clinic\" <a@b.c>"), ("A \"B\" \\C", "\"A \\\"B\\\" \\\\C\" <a@b.c>"),
            ("a@b", "\"a@b\" <a@b.c>"), ("درمانگاه", "=?UTF-8?B?2K/YsdmF2KfZhtqv2KfZhw==?= <a@b.c>"),
        ])
    func names(name: String, expected: String) {
        #expect(HeaderField("From", mailbox: name, address: "a@b.c").text == "From: " + expected)
    }

    @Test(
        "long names are folded",
        arguments: [
            String(repeating: "درمانگاه شهید بهشتی ", count: 10) + "ت",
            String(repeating: "Clinic of herbs ", count: 12) + "x",
            String(repeating: "Clinic, ", count: 30) + "x",
        ])
    func longNames(name: String) throws {
        let field = HeaderField("To", mailbox: name, address: "a@b.c")
        let text = try read(field)
        #expect(text.replacing("\"", with: "") == name + " <a@b.c>")
        #expect(field.text.contains("\r\n"))
    }

    @Test func anAddressIsNeverCut() {
        let address = String(repeating: "a", count: 64) + "@" + String(repeating: "b.", count: 90) + "example"
        let lines = HeaderField("To", mailbox: "درمانگاه", address: address).text.components(separatedBy: "\r\n")
        #expect(lines.count == 2 && lines[1] == " <\(address)>")
        #expect(HeaderField("To", mailbox: nil, address: address).text == "To: <\(address)>")
    }
}
