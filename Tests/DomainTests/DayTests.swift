import Domain
import Testing
import TestSupport

@Suite(.timeLimit(.minutes(30))) struct DayTests {
    @Test(arguments: [("1970-01-01", 0), ("1969-12-31", -1), ("2000-02-29", 11_016), ("2026-10-20", 20_746)])
    func countsFromTheEpoch(text: String, days: Int32) {
        #expect(day(text).daysSinceEpoch == days)
        #expect(day(text).description == text)
    }

    @Test(
        arguments: [
            "2026-02-29", "2026-13-01", "2026-00-10", "2026-01-00", "2026-1-1", "20261020", "2026-10-20 ", "",
            "۲۰۲۶-۱۰-۲۰",
        ])
    func refusesWhatIsNoDate(text: String) {
        #expect(Day(text) == nil)
    }

    @Test func everyDayOfFourCenturiesFollowsTheOneBefore() {
        var current = day("1900-01-01")
        while current < day("2300-01-01") {
            let next = current + 1
            let (year, month, dayOfMonth) = next.date
            #expect(Day(year: year, month: month, day: dayOfMonth) == next)
            #expect(next.description > current.description)
            current = next
        }
    }
}
