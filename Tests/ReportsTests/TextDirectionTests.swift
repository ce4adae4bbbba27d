import Testing

@testable import Reports

@Suite(.timeLimit(.minutes(30))) struct TextDirectionTests {
    @Test(arguments: [
        "-5", "+98 912", "=1+1", "(۱۲)", "١٢/٣", "", "…", "🌿", "a", "(a)", "2 گل".replacing("گل", with: "x"), "草药",
        "한약", "Ωmega",
    ])
    func runsFromLeftToRight(text: String) {
        #expect(TextDirection(ofEntered: text) == .leftToRight)
    }

    @Test(arguments: ["گل", "(گل)", "-5 گل", "2 گل x", "🌿 نعناع", "ﮔﻞ", "בוקר", "\u{200F}-5"])
    func runsFromRightToLeft(text: String) {
        #expect(TextDirection(ofEntered: text) == .rightToLeft)
    }

    @Test(arguments: ["-5", "+98 912", "=1+1", "(۱۲)", "…"]) func hasNoDirectionOfItsOwn(text: String) {
        #expect(TextDirection(firstLetterOf: text) == nil)
    }

    @Test func partsThatRunTheSameWayAreJoinedAsTheyAre() {
        #expect(["a", "-5", "(b)"].joinedInOrder() == "a · -5 · (b)")
        #expect(["گل", "سرخ"].joinedInOrder(by: "، ", in: .rightToLeft) == "گل، سرخ")
        #expect(["-5"].joinedInOrder() == "-5")
    }

    @Test func partsThatRunDifferentWaysAreIsolated() {
        #expect(["-5", "گل"].joinedInOrder() == "\u{2066}-5\u{2069} · \u{2067}گل\u{2069}")
        #expect(["-5"].joinedInOrder(in: .rightToLeft) == "\u{2066}-5\u{2069}")
    }
}
