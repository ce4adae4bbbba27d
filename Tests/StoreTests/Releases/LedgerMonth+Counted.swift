import Domain
import Store
import TestSupport
import Testing

extension ReleaseSetup {
    /// Releases that begin with October 2026.
    static let october = ReleaseSetup(timezone: .utc, firstMonth: CalendarMonth(of: day("2026-10-01")))
}

extension LedgerMonth {
    /// A released month with counts that begin with a number.
    static func counted(_ month: String, _ number: Int = 1) throws -> LedgerMonth {
        try LedgerMonth(
            ReleasedMonth(
                month: try #require(CalendarMonth(month)), epsilon: .standard,
                releasedAt: instant("2026-12-08T00:30:00Z"),
                entries: [.herb(TextKey("mint"))],
                cells: [
                    .overall: RatingCounts(counts: [number, 2, 3, 4, 5]),
                    .herb(TextKey("mint")): RatingCounts(counts: [number, -2, 3, 4, 5]),
                ]))
    }
}
