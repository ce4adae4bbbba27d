import Domain
import Testing

@testable import Store

/// Dates in the form that a mapping gives.
@Suite(.timeLimit(.minutes(30))) struct DatePatternTests {
    @Test(
        arguments: [
            ("M/d/yyyy", "1/3/2011", "2011-01-03T12:00:00Z"), ("M/d/yyyy", "01/13/2011", "2011-01-13T12:00:00Z"),
            ("MM-dd-yyyy", "01-06-2009", "2009-01-06T12:00:00Z"),
            ("yyyy.MM.dd HH:mm:ss", "2009.01.06 23:59:58", "2009-01-06T23:59:58Z"), ("MM-dd-yyyy", "1-06-2009", nil),
            ("M/d/yyyy", "13/1/2011", nil), ("M/d/yyyy", "1/13/11", nil), ("M/d/yyyy", "1/13/2011 ", nil),
        ])
    func datePatterns(pattern: String, text: String, expected: String?) throws {
        let pattern = try #require(DatePattern(pattern))
        var text = text
        let found = text.withUTF8 { pattern.instant(of: UnsafeRawBufferPointer($0), in: .utc) }
        #expect(found?.description == expected)
    }
}
