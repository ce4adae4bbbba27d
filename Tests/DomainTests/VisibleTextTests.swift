import Domain
import Foundation
import Testing
import TestSupport

/// Text on its way to a terminal, a table or a log.
@Suite(.timeLimit(.minutes(30))) struct VisibleTextTests {
    /// What a terminal acts on, and how it is shown.
    static let unseen: [(Unicode.Scalar, String)] = [
        ("\u{0}", "\\u{00}"), ("\u{7}", "\\u{07}"), ("\t", "\\u{09}"), ("\n", "\\u{0A}"), ("\r", "\\u{0D}"),
        ("\u{1B}", "\\u{1B}"), ("\u{7F}", "\\u{7F}"), ("\u{85}", "\\u{85}"), ("\u{90}", "\\u{90}"),
        ("\u{9B}", "\\u{9B}"),
        ("\u{9F}", "\\u{9F}"), ("\u{61C}", "\\u{61C}"), ("\u{200E}", "\\u{200E}"), ("\u{200F}", "\\u{200F}"),
        ("\u{2028}", "\\u{2028}"), ("\u{2029}", "\\u{2029}"), ("\u{202A}", "\\u{202A}"), ("\u{202D}", "\\u{202D}"),
        ("\u{202E}", "\\u{202E}"), ("\u{2066}", "\\u{2066}"), ("\u{2068}", "\\u{2068}"), ("\u{2069}", "\\u{2069}"),
        (noncharacter(0xFDD0), "\\u{FDD0}"), (noncharacter(0xFFFE), "\\u{FFFE}"), (noncharacter(0x1FFFF), "\\u{1FFFF}"),
    ]

    @Test(arguments: unseen) func whatATerminalActsOnIsWrittenOut(scalar: Unicode.Scalar, form: String) {
        #expect("a\(scalar)گل\(scalar)".visible == "a\(form)گل\(form)")
    }

    @Test(arguments: ["", "گل‌گاوزبان", "Échinacée 草药 한약", "👩\u{200D}⚕️", "a\\u{1B}b", "(ver. 2) – «x»", "\u{FFFD}"])
    func textOfAnyLanguageIsKept(text: String) {
        #expect(text.visible == text)
        #expect(text.visibleJSON == text)
    }

    @Test(arguments: unseen) func jsonMeansTheSameToAProgram(scalar: Unicode.Scalar, form: String) throws {
        let text = "a\(scalar)گل"
        let json = "{\n\t\"name\": \(text.json)\n}".visibleJSON
        #expect(try JSONDecoder().decode([String: String].self, from: Data(json.utf8)) == ["name": text])
        #expect(
            json.replacing("\n", with: "").replacing("\t", with: "").visible
                == json.filter { !$0.isWhitespace || $0 == " " })
    }

    @Test(arguments: [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (1_001, "1,001 rows"), (-1, "-1 rows")])
    func countsAreInflected(number: Int, text: String) {
        #expect(number.counted("row") == text)
    }

    @Test func nounsMayHaveTheirOwnPlural() {
        #expect(1.counted("diagnosis", plural: "diagnoses") == "1 diagnosis")
        #expect(2.counted("diagnosis", plural: "diagnoses") == "2 diagnoses")
    }

    @Test func controlsOtherThanTabsAndLineEndsAreReplaced() {
        #expect("a\u{1B}b\u{9B}c\u{0}d\te\r\nf".withoutControls == "a\u{FFFD}b\u{FFFD}c\u{FFFD}d\te\r\nf")
    }
}
