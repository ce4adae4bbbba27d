import Domain
import Statistics
import Store

/// How well a subject works in a window.
struct EffectivenessRow: SourceRow, SubjectRow {
    let level: Level
    let key: Subject
    let subject: String
    let window: Window
    let tally: Tally
    let prior: Prior
    let trend: Trend?
    let isTrendSignificant: Bool
    /// How many patients the cases are from; `nil` where no column shows it.
    let patients: Int?
    let names: SubjectNames

    static let samplesColumn: String? = "samples"
    static let standardColumns = [
        "level", "subject", "window", "samples", "successes", "effectiveness", "confidence", "ci_low", "ci_high",
        "adjusted", "mean_rating", "mean_improvement", "mean_compliance",
    ]

    static var columns: [Column<Self>] {
        subjectColumns + [
            Column("window", .word(.window)) { .text($0.window.rawValue) },
            Column("samples", .count) { Cell($0.tally.samples) },
            Column("patients", .count) { $0.patients.map { .integer(Int64($0)) } ?? .empty },
            Column("successes", .count) { Cell($0.tally.successes) },
            Column("effectiveness", .share, interval: "interval") { .decimal($0.tally.effectiveness) },
            Column("confidence", .share) { .decimal($0.tally.confidence) },
            Column("interval", .interval(of: .share)) { .interval($0.tally.interval) },
            Column("ci_low", .share) { .decimal($0.tally.interval.lowerBound) },
            Column("ci_high", .share) { .decimal($0.tally.interval.upperBound) },
            Column("adjusted", .share) { .decimal($0.tally.adjusted(by: $0.prior)) },
            Column("mean_rating", .rating) { Cell($0.tally.meanRating) },
            Column("mean_improvement", .rating) { Cell($0.tally.meanImprovement) },
            Column("mean_compliance", .share) { Cell($0.tally.meanCompliance) },
            Column("trend", .word(.direction)) { row in
                row.trend.map { .trend($0.direction, isSignificant: row.isTrendSignificant) } ?? .empty
            },
        ]
    }

    static func forEach(
        of input: ReportInput, needed: Set<String>, _ filter: Filter, _ body: (Self) throws -> Void
    ) throws {
        let results = input.results
        let names = SubjectNames(try results.names())
        let priors = try results.priors()
        for level in filter.levels {
            let trends = needed.contains("trend") ? try results.trends(at: level) : Keyed()
            let significant = significantSubjects(of: trends)
            let patients =
                needed.contains("patients") ? try PatientCounts(of: input, at: level, in: filter.windows) : nil
            func show(_ subject: Subject, _ text: String, _ tallies: WindowTallies) throws {
                for window in filter.windows where tallies[window].samples > 0 {
                    try body(
                        Self(
                            level: level, key: subject, subject: text, window: window, tally: tallies[window],
                            prior: priors[level]?[window] ?? .uninformed, trend: trends[subject],
                            isTrendSignificant: significant.contains(subject), patients: patients?[subject, window],
                            names: names))
                }
            }
            if level.isNumbered {
                // These are as many as there are records; their order is that in which they are stored.
                try results.forEachTally(at: level) { try show($0, String($0.rawValue), $1) }
            } else {
                let tallies = try results.tallies(at: level)
                for (position, text) in names.order(of: tallies.keys, at: level) {
                    try show(tallies.keys[position], text, tallies.values[position])
                }
            }
        }
    }

    private static func significantSubjects(of trends: Keyed<Subject, Trend>) -> Set<Subject> {
        Set(zip(trends.keys, trends.qValues).filter { Trend.isSignificant(qValue: $0.1) }.map(\.0))
    }
}
