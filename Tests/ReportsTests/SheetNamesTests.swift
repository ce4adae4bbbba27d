import Foundation
import Testing

@testable import Reports

@Suite(.timeLimit(.minutes(30))) struct SheetNamesTests {
    private func names(_ titles: [String]) -> [String] {
        var names = SheetNames()
        return titles.map { names.add($0, fallback: "Section") }
    }

    @Test(arguments: [
        ("History", "History (2)"), ("HISTORY", "HISTORY (2)"), (" history ", "history (2)"),
        ("Histories", "Histories"),
        ("[]:*?/\\", "Section"), ("", "Section"), ("  \n\t ", "Section"), ("\u{200B}\u{200C}", "Section"),
        ("a[b]c", "a b c"), ("a/b:c", "a b c"), ("12:30", "12 30"), ("tab\there", "tab here"), ("no. #1", "no. ＃1"),
        ("'quoted'", "’quoted’"), ("'", "’"), ("patients' own", "patients’ own"),
        (String(repeating: "x", count: 40), String(repeating: "x", count: 31)),
        (String(repeating: "x", count: 30) + " y", String(repeating: "x", count: 30)),
        (String(repeating: "😀", count: 20), String(repeating: "😀", count: 15)),
        ("گل‌گاوزبان: همه", "گل‌گاوزبان  همه"),
    ])
    func aTitleBecomesALegalName(title: String, name: String) {
        #expect(names([title]) == [name])
    }

    /// What Excel takes for the same name.
    @Test(arguments: [
        ["Herbs", "herbs", "HERBS"], ["straße", "STRASSE"], ["Ｈerbs", "Herbs"], ["گياه", "گیاه"],
        ["گل\u{200C}ها", "گل ها"],
        ["a\u{200E}", "a"], [String(repeating: "x", count: 40), String(repeating: "X", count: 50)],
        ["[", "]"], ["History", "History"], ["a", "a", "a (2)", "A (2)"],
    ])
    func noNameStandsTwice(titles: [String]) {
        let names = names(titles)
        #expect(Set(names.map { $0.precomposedStringWithCompatibilityMapping.uppercased() }).count == titles.count)
        for name in names { expectLegal(name) }
    }

    @Test func aThousandEqualTitlesAreLegalNames() {
        let names = names(Array(repeating: String(repeating: "گیاه 😀", count: 9), count: 1000))
        #expect(Set(names).count == 1000)
        for name in names { expectLegal(name) }
    }

    private func expectLegal(_ name: String) {
        #expect(!name.isEmpty && name.utf16.count <= 31, "\(name)")
        #expect(!name.contains { "[]:*?/\\'".contains($0) || $0.isNewline }, "\(name)")
        #expect(name.lowercased() != "history")
    }
}
