import Domain
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30))) struct CalendarMonthTests {
    @Test(
        "reads and writes months, and knows their days",
        arguments: [
            ("2026-11", "2026-11-01", "2026-11-30", "2026-12"), ("2026-12", "2026-12-01", "2026-12-31", "2027-01"),
            ("2028-02", "2028-02-01", "2028-02-29", "2028-03"), ("2027-02", "2027-02-01", "2027-02-28", "2027-03"),
            ("1999-12", "1999-12-01", "1999-12-31", "2000-01"),
        ])
    func days(text: String, first: String, last: String, next: String) throws {
        let month = try #require(CalendarMonth(text))
        #expect(month.description == text)
        #expect(month.firstDay == day(first) && month.lastDay == day(last))
        #expect(month.next.description == next && month < month.next)
        #expect(CalendarMonth(of: day(first)) == month && CalendarMonth(of: day(last)) == month)
        #expect(CalendarMonth(of: day(last) + 1) == month.next)
        #expect(CalendarMonth(year: month.year, month: month.month) == month)
    }

    @Test(
        "refuses what is not a month",
        arguments: ["2026-13", "2026-00", "2026-1", "26-11", "2026-11-01", "", "2026/11"])
    func refuses(text: String) {
        #expect(CalendarMonth(text) == nil)
    }

    @Test("counts months across years")
    func counting() throws {
        let month = try #require(CalendarMonth("2026-01"))
        #expect((month - 1).description == "2025-12" && (month - 2).description == "2025-11")
        #expect((month + 14).description == "2027-03")
        #expect(CalendarMonth(year: 2026, month: 0) == nil && CalendarMonth(year: 10_000, month: 1) == nil)
    }
}
