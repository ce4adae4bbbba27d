import Domain
import Store

/// What feedback says of a subject in a window.
struct FeedbackRow: SubjectRow, FeedbackTallyRow {
    let level: Level
    let key: Subject
    let subject: String
    let names: SubjectNames
    let window: Window
    let tally: FeedbackTally

    static let samplesColumn: String? = "samples"
    static let standardColumns = [
        "level", "subject", "window", "patients", "samples", "mean_rating", "rating_interval", "mean_improvement",
        "mean_compliance", "with_side_effects", "side_effect_rate", "side_effect_interval", "with_comment",
    ]

    static var columns: [Column<Self>] {
        subjectColumns + [
            Column("window", .word(.window)) { .text($0.window.rawValue) },
            Column("patients", .count) { .integer(Int64($0.tally.patients.count)) },
        ] + ratingColumns + [
            Column("with_side_effects", .count) { .integer(Int64($0.tally.withSideEffects)) },
            Column("side_effect_rate", .share, interval: "side_effect_interval") {
                .share($0.tally.withSideEffects, of: $0.tally.samples)
            },
            Column("side_effect_interval", .interval(of: .share)) {
                .interval(successes: $0.tally.withSideEffects, of: $0.tally.samples)
            },
            Column("with_comment", .count) { .integer(Int64($0.tally.withComment)) },
        ]
    }

    static func forEach(
        of input: ReportInput, needed: Set<String>, _ filter: Filter, _ body: (Self) throws -> Void
    ) throws {
        let names = SubjectNames(try input.results.names())
        let notes = ["with_side_effects", "side_effect_rate", "side_effect_interval", "with_comment"]
        for level in filter.levels {
            var tallies: [Subject: [FeedbackTally]] = [:]
            let days = filter.windows.contains(.all) ? nil : filter.windows.compactMap(\.days).max()
            try input.forEachCase(days: days, notes: !needed.isDisjoint(with: notes)) { item, isSuccess in
                for (position, window) in filter.windows.enumerated()
                where window.contains(item.day, asOf: input.asOf) {
                    tallies[
                        item.subject(at: level),
                        default: [FeedbackTally](repeating: FeedbackTally(), count: filter.windows.count)
                    ][position].add(item, isSuccess: isSuccess, countsPatients: needed.contains("patients"))
                }
            }
            let subjects = tallies.keys.sorted()
            for (position, text) in names.order(of: subjects, at: level) {
                for (window, tally) in zip(filter.windows, tallies[subjects[position]] ?? [])
                where tally.samples > 0 {
                    try body(
                        Self(
                            level: level, key: subjects[position], subject: text, names: names, window: window,
                            tally: tally))
                }
            }
        }
    }
}
