import Domain

/// A five-field cron schedule: minute, hour, day of the month, month, day of the week.
///
/// Fields hold `*`, numbers, ranges `1-5`, steps `*/15` and lists `1,3`; months and days of the week also by English
/// name. `@hourly`, `@daily`, `@weekly`, `@monthly` and `@yearly` stand for the usual fields.
public struct CronSchedule: Equatable, Sendable, CustomStringConvertible {
    /// As it was written, with Latin digits.
    public let description: String
    /// Accepted values of each field; days of the week count from Sunday, 0.
    let minutes: Set<Int>
    let hours: Set<Int>
    let daysOfMonth: Set<Int>
    let months: Set<Int>
    let daysOfWeek: Set<Int>
    /// Whether both days of the month and days of the week are given, in whatever way but `*`; then either will do.
    let givesBothDays: Bool

    private static let shorthands = [
        "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
        "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
    ]
    private static let monthNames = [
        "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11,
        "dec": 12,
    ]
    private static let dayNames = ["sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6]

    /// `nil` where the text is no schedule.
    public init?(_ written: String) {
        let text = written.withPlainDigits
        let fields = (Self.shorthands[text.lowercased()] ?? text).split(separator: " ")
        guard fields.count == 5,
            let minutes = Self.values(fields[0], in: 0...59),
            let hours = Self.values(fields[1], in: 0...23),
            let daysOfMonth = Self.values(fields[2], in: 1...31),
            let months = Self.values(fields[3], in: 1...12, names: Self.monthNames),
            let daysOfWeek = Self.values(fields[4], in: 0...7, names: Self.dayNames)
        else { return nil }
        description = text
        self.minutes = minutes
        self.hours = hours
        self.daysOfMonth = daysOfMonth
        self.months = months
        self.daysOfWeek = Set(daysOfWeek.map { $0 % 7 })  // 7 is Sunday as well
        givesBothDays = ![fields[2], fields[4]].contains { field in
            field.split(separator: ",").contains { $0 == "*" || $0 == "*/1" }
        }
    }

    /// Whether any year has a moment at which it is due; not where its months lack its days of the month, such as 30 February.
    public var canBeDue: Bool {
        // Where both days are given, either will do, and every week has all days.
        givesBothDays
            || months.contains { month in
                daysOfMonth.contains { $0 <= Day.length(ofMonth: month, year: Self.leapYear) }
            }
    }

    /// The sentence about a schedule that cannot be due.
    package var neverDue: String { "never due: '\(description)' names a day that none of its months has" }

    private static let leapYear = 2000

    private static func values(_ field: Substring, in range: ClosedRange<Int>, names: [String: Int] = [:]) -> Set<Int>?
    {
        var values: Set<Int> = []
        for item in field.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = item.split(separator: "/", omittingEmptySubsequences: false)
            guard (1...2).contains(parts.count) else { return nil }
            let step = parts.count == 2 ? Int(parts[1]) : 1
            let span = parts[0] == "*" ? range : bounds(of: parts[0], names: names, hasStep: parts.count == 2, range)
            guard let step, step > 0, let span, range.contains(span.lowerBound), range.contains(span.upperBound) else {
                return nil
            }
            values.formUnion(stride(from: span.lowerBound, through: span.upperBound, by: step))
        }
        return values
    }

    /// `5` is one value, or with a step all from it on; `1-5` is a range.
    private static func bounds(
        of text: Substring, names: [String: Int], hasStep: Bool, _ range: ClosedRange<Int>
    ) -> ClosedRange<Int>? {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false)
            .map { Int($0) ?? names[$0.lowercased()] }
        switch ends.count {
        case 1:
            guard let value = ends[0], value <= range.upperBound else { return nil }
            return value...(hasStep ? range.upperBound : value)
        case 2:
            guard let low = ends[0], let high = ends[1], low <= high else { return nil }
            return low...high
        default:
            return nil
        }
    }
}
