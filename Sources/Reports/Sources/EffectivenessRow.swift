import Analytics
import Domain
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
    let names: SubjectNames

    static let samplesColumn = "samples"
    static let standardColumns = [
        "level", "subject", "window", "samples", "successes", "effectiveness", "confidence", "ci_low", "ci_high",
        "adjusted", "mean_rating", "mean_improvement", "mean_compliance",
    ]

    static var columns: [Column<Self>] {
        subjectColumns + [
            Column("window") { .text($0.window.rawValue) },
            Column("samples") { Cell($0.tally.samples) },
            Column("successes") { Cell($0.tally.successes) },
            Column("effectiveness") { .decimal($0.tally.effectiveness) },
            Column("confidence") { .decimal($0.tally.confidence) },
            Column("interval") { .interval($0.tally.interval) },
            Column("ci_low") { .decimal($0.tally.interval.lowerBound) },
            Column("ci_high") { .decimal($0.tally.interval.upperBound) },
            Column("adjusted") { .decimal($0.tally.adjusted(by: $0.prior)) },
            Column("mean_rating") { Cell($0.tally.meanRating) },
            Column("mean_improvement") { Cell($0.tally.meanImprovement) },
            Column("mean_compliance") { Cell($0.tally.meanCompliance) },
            Column("trend") { $0.trend.map { .text($0.direction.rawValue) } ?? .empty },
        ]
    }

    static func forEach(
        of results: any PublishedResults, needed: Set<String>, _ filter: Filter, _ body: (Self) throws -> Void
    ) throws {
        let names = SubjectNames(try results.names())
        let priors = try results.priors()
        let windows = Window.allCases.filter { filter.accepts($0.rawValue, in: "window") }
        for level in filter.levels {
            let tallies = try results.tallies(at: level)
            let trends = needed.contains("trend") ? try results.trends(at: level) : Keyed()
            for (position, text) in names.order(of: tallies.keys, at: level) {
                let subject = tallies.keys[position]
                for window in windows where tallies.values[position][window].samples > 0 {
                    try body(
                        Self(
                            level: level, key: subject, subject: text, window: window,
                            tally: tallies.values[position][window], prior: priors[level]?[window] ?? .uninformed,
                            trend: trends[subject], names: names))
                }
            }
        }
    }
}
