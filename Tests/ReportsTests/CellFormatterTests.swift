import Domain
import Foundation
import Testing
import TestSupport

@testable import Reports

@Suite(.timeLimit(.minutes(30))) struct CellFormatterTests {
    private let english = CellFormatter(.english)
    private let persian = CellFormatter(.persian)
    private let arabic = CellFormatter(.arabic)

    /// Without the marks that only turn the direction of text.
    private func bare(_ text: String) -> String {
        String(text.unicodeScalars.filter { !["\u{61C}", "\u{200E}", "\u{200F}"].contains($0) })
    }

    @Test func numbersHaveTheDigitsAndSignsOfTheLanguage() {
        #expect(english.count(1_234_567) == "1,234,567")
        #expect(persian.count(1_234_567) == "۱٬۲۳۴٬۵۶۷")
        #expect(arabic.count(1_234_567) == "١٬٢٣٤٬٥٦٧")
        #expect(english.record(1_234_567) == "1234567")
        #expect(english.percent(0.7126) == "71.3%")
        #expect(bare(persian.percent(0.7126)) == "۷۱٫۳٪")
        #expect(bare(arabic.percent(0.7126)) == "٧١٫٣٪")
        #expect(english.points(-0.4873) == "-48.7 pp")
        #expect(bare(persian.points(0.048)) == "+۴٫۸ واحد")
        #expect(english.fraction(3.456, places: 2) == "3.46")
        #expect(bare(persian.fraction(3.456, places: 2)) == "۳٫۴۶")
    }

    @Test func halfIsRoundedAsInResults() {
        // Two numbers that a memory of rounded keys could confuse.
        #expect(english.percent(0.12345) == "12.3%")
        #expect(english.percent(0.1235) == "12.4%")
        #expect(english.fraction(0.125, places: 2) == "0.13")
        #expect(english.percent(0) == "0.0%")
        #expect(english.percent(-0.0) == "0.0%")
    }

    @Test func daysAreToldInTheCalendarOfTheLanguage() {
        let leap = day("2025-03-20")
        #expect(english.day(leap) == "2025-03-20")
        #expect(english.longDay(leap) == "20 March 2025")
        #expect(persian.day(leap) == "۱۴۰۳/۱۲/۳۰")
        #expect(persian.longDay(leap) == "۳۰ اسفند ۱۴۰۳")
        #expect(persian.day(leap + 1) == "۱۴۰۴/۰۱/۰۱")
        #expect(arabic.day(leap) == "٢٠٢٥/٠٣/٢٠")
    }

    @Test func monthsFollowEachOtherWithoutGap() {
        for (calendar, months) in [(ReportCalendar.gregorian, 12 * 10), (.persian, 12 * 10)] {
            var finder = MonthFinder(calendar)
            var month = finder.month(of: day("2020-01-01"))
            var seen = 1
            for offset in 1..<3653 {
                let next = finder.month(of: day("2020-01-01") + offset)
                guard next != month else { continue }
                #expect(next == month.next)
                #expect(month < next)
                month = next
                seen += 1
            }
            #expect(abs(seen - months) <= 1)
        }
        #expect(persian.month(Month(calendar: .persian, year: 1405, number: 7)) == "مهر ۱۴۰۵")
        #expect(english.month(Month(calendar: .gregorian, year: 2026, number: 9)) == "Sep 2026")
        #expect(Month(calendar: .persian, year: 1405, number: 7).description == "1405-07")
    }

    @Test func intervalsSaySmallSharesFinely() {
        #expect(english.interval(0.55...0.62, .interval(of: .share)) == "55%–62%")
        #expect(english.interval(0.012...0.019, .interval(of: .share)) == "1.2%–1.9%")
        #expect(english.interval(0.6483...0.6491, .interval(of: .share)) == "64.8%–64.9%")
        #expect(english.interval(3.456...3.6, .interval(of: .rating)) == "3.46–3.60")
    }

    @Test func noProbabilityIsSaidToBeNothing() {
        #expect(english.probability(0.0123) == "0.012")
        #expect(english.probability(0.0004) == "<\u{A0}0.001")
        #expect(bare(persian.text(.decimal(0), .probability)) == "<\u{A0}۰٫۰۰۱")
    }

    @Test func wordsAreTranslatedAndNamesAreNot() {
        #expect(persian.text(.text("garm_tar"), .word(.mizaj)) == "گرم و تر")
        #expect(arabic.text(.boolean(true), .word(.truth)) == "نعم")
        #expect(english.text(.trend(.declining, isSignificant: true), .word(.direction)) == "Declining")
        #expect(persian.text(.text("Rosa damascena"), .name) == "Rosa damascena")
        #expect(persian.text(.empty, .share) == "")
    }
}
