import Domain
import TestSupport
import Testing

/// Days as people type them: in two calendars and the digits of three scripts, and never before 1900.
@Suite(.timeLimit(.minutes(30))) struct TypedDayTests {
    private static let read: [(text: String, calendar: InputCalendar, expected: String)] = [
        ("2026-10-20", .gregorian, "2026-10-20"), ("1900-01-01", .gregorian, "1900-01-01"),
        ("۲۰۲۶-۱۰-۲۰", .gregorian, "2026-10-20"), ("٢٠٢٦-١٠-٢٠", .gregorian, "2026-10-20"),
        ("1405-07-28-persian", .gregorian, "2026-10-20"), ("۱۴۰۵-۰۷-۲۸-persian", .gregorian, "2026-10-20"),
        ("1405-07-28", .persian, "2026-10-20"), ("۱۴۰۵-۰۷-۲۸", .persian, "2026-10-20"),
        ("١٤٠٥-٠٧-٢٨", .persian, "2026-10-20"), ("1405-07-28-persian", .persian, "2026-10-20"),
        // From 1900 on, a year is Gregorian whatever the setting.
        ("2026-10-20", .persian, "2026-10-20"),
        // Of the second month only the Persian calendar has 31 days; 1403 is a leap year of it.
        ("1405-02-31", .persian, "2026-05-21"), ("1403-12-30", .persian, "2025-03-20"),
        ("1278-10-11", .persian, "1900-01-01"),
    ]

    @Test("reads a day", arguments: read.indices) func reads(_ index: Int) throws {
        let (text, calendar, expected) = Self.read[index]
        #expect(try TypedDay(text).day(in: calendar, for: "--as-of") == day(expected), "\(text)")
    }

    private static let refused: [(text: String, calendar: InputCalendar, reason: TypedDayError.Reason)] = [
        ("1405-08-29", .gregorian, .looksPersian("1405-08-29")),
        ("۱۴۰۵-۰۸-۲۹", .gregorian, .looksPersian("1405-08-29")),
        ("1405-02-31", .gregorian, .looksPersian("1405-02-31")), ("1899-12-31", .gregorian, .tooEarly),
        ("0001-01-01", .gregorian, .tooEarly), ("1278-10-10", .persian, .tooEarly),
        ("1405-07-31", .persian, .noPersianDay), ("1404-12-30-persian", .gregorian, .noPersianDay),
        ("1899-01-01", .persian, .noPersianDay), ("2026-10-20-persian", .gregorian, .noPersianDay),
        ("2026-02-29", .gregorian, .noDay), ("yesterday", .gregorian, .noDay), ("", .persian, .noDay),
        ("2026-10-20T00:00", .gregorian, .noDay), ("2026-1-1", .gregorian, .noDay), ("-persian", .gregorian, .noDay),
        ("1405-07-28-jalali", .persian, .noDay),
    ]

    @Test("refuses what is not a day", arguments: refused.indices) func refuses(_ index: Int) {
        let (text, calendar, reason) = Self.refused[index]
        let error = #expect(throws: TypedDayError.self) { try TypedDay(text).day(in: calendar, for: "--as-of") }
        #expect(error?.reason == reason, "\(text)")
        #expect(error?.status == .usage)
        #expect(error?.description.hasPrefix("--as-of: ") == true)
    }

    @Test func namesTheWayOut() {
        let error = #expect(throws: TypedDayError.self) {
            try TypedDay("۱۴۰۵-۰۸-۲۹").day(in: .gregorian, for: "--from")
        }
        #expect(
            error?.description
                == "--from: ۱۴۰۵-۰۸-۲۹ looks like a Persian date; write it as 1405-08-29-persian, or set calendar: persian"
        )
    }
}
