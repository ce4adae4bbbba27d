import Domain

/// The ratings of a subject in a month.
struct RatingRow: SubjectRow, FeedbackTallyRow {
    let level: Level
    let key: Subject
    let subject: String
    let names: SubjectNames
    let month: Month
    let tally: FeedbackTally

    static let samplesColumn: String? = "samples"
    static let standardColumns = [
        "level", "subject", "month", "samples", "effectiveness", "interval", "mean_rating", "rating_interval",
        "rating_1", "rating_2", "rating_3", "rating_4", "rating_5",
    ]

    static var columns: [Column<Self>] {
        subjectColumns + [Column("month", .month) { .month($0.month) }] + ratingColumns
    }

    static func forEach(
        of input: ReportInput, needed: Set<String>, _ filter: Filter, _ body: (Self) throws -> Void
    ) throws {
        let names = SubjectNames(try input.results.names())
        var months = MonthFinder(input.calendar)
        for level in filter.levels {
            var tallies: [Subject: [Month: FeedbackTally]] = [:]
            try input.forEachCase(notes: false) { item, isSuccess in
                tallies[item.subject(at: level), default: [:]][months.month(of: item.day), default: FeedbackTally()]
                    .add(item, isSuccess: isSuccess, countsPatients: false)
            }
            let subjects = tallies.keys.sorted()
            for (position, text) in names.order(of: subjects, at: level) {
                let byMonth = tallies[subjects[position]] ?? [:]
                for (month, tally) in byMonth.sorted(by: { $0.key < $1.key }) {
                    try body(
                        Self(
                            level: level, key: subjects[position], subject: text, names: names, month: month,
                            tally: tally))
                }
            }
        }
    }
}
