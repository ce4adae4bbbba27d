import Testing

@testable import Store

/// Ages and bands of ages, as flat files write them.
@Suite(.timeLimit(.minutes(30))) struct AgeBandTests {
    @Test(
        arguments: [
            ("34", 34), ("25-34", 29), ("0-2", 1), ("7 - 12", 9), ("75 or over", 75), ("75+", 75), ("65 and over", 65),
            ("34.0", 34), ("25–34", 29), (">75", 76), ("> 75", 76), ("≥75", 75), ("<1", 0), ("<=2", 1), ("under 18", 8),
            ("over 75", 76), ("07-Dec", nil), ("34.5", nil), ("<0", nil), (">120", nil), ("34-25", nil), ("", nil),
            ("old", nil), ("999", nil), ("75 ish", nil),
        ])
    func ageBands(text: String, years: Int?) {
        #expect(AgeBand(text)?.years == years)
    }
}
