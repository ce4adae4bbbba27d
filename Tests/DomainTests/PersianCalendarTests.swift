import Domain
import Foundation
import Testing
import TestSupport

@Suite(.timeLimit(.minutes(30))) struct PersianCalendarTests {
    @Test(
        "converts dates as the official calendar of Iran has them",
        arguments: [
            (1404, 7, 15, "2025-10-07"), (1405, 8, 29, "2026-11-20"), (1403, 12, 30, "2025-03-20"),
            (1404, 1, 1, "2025-03-21"), (1399, 12, 30, "2021-03-20"), (1357, 11, 22, "1979-02-11"),
            (1300, 1, 1, "1921-03-21"), (1405, 12, 29, "2027-03-20"),
        ])
    func converts(year: Int, month: Int, number: Int, expected: String) {
        #expect(PersianCalendar.day(year: year, month: month, day: number) == day(expected))
    }

    @Test(
        "refuses dates that do not exist",
        arguments: [
            (1404, 12, 30), (1404, 7, 31), (1404, 13, 1), (1404, 0, 1), (1404, 1, 0), (1404, 6, 32), (2026, 1, 1),
            (0, 1, 1),
        ])
    func refuses(year: Int, month: Int, number: Int) {
        #expect(PersianCalendar.day(year: year, month: month, day: number) == nil)
    }

    @Test("agrees with Foundation's calendar on every day of a century")
    func agreesWithFoundation() {
        var calendar = Calendar(identifier: .persian)
        calendar.timeZone = .gmt
        let first = day("1950-01-01").daysSinceEpoch
        for number in first..<(first + 36_525) {
            let noon = Date(timeIntervalSince1970: Double(number) * 86_400 + 43_200)
            let date = calendar.dateComponents([.year, .month, .day], from: noon)
            let found = PersianCalendar.day(year: date.year ?? 0, month: date.month ?? 0, day: date.day ?? 0)
            guard found?.daysSinceEpoch == number else {
                Issue.record("\(date) is day \(number), not \(String(describing: found))")
                return
            }
        }
    }
}
