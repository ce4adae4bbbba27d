import Domain
import Statistics
import Store

/// Where a subject is heading.
struct TrendRow: SourceRow, SubjectRow {
    let level: Level
    let key: Subject
    let subject: String
    let trend: Trend
    let qValue: Double?
    let names: SubjectNames

    static let samplesColumn: String? = "recent_samples"
    static let standardColumns = [
        "level", "subject", "recent_samples", "recent_rate", "baseline_samples", "baseline_rate", "delta", "direction",
        "p_value", "q_value", "significant",
    ]

    static var columns: [Column<Self>] {
        subjectColumns + [
            Column("recent_samples", .count) { Cell($0.trend.recentSamples) },
            Column("recent_rate", .share, interval: "recent_interval") { Cell($0.trend.recentRate) },
            Column("baseline_samples", .count) { Cell($0.trend.baselineSamples) },
            Column("baseline_rate", .share, interval: "baseline_interval") { Cell($0.trend.baselineRate) },
            Column("recent_interval", .interval(of: .share)) {
                Cell.interval(successes: $0.trend.recentSuccesses, of: $0.trend.recentSamples)
            },
            Column("baseline_interval", .interval(of: .share)) {
                Cell.interval(successes: $0.trend.baselineSuccesses, of: $0.trend.baselineSamples)
            },
            Column("delta", .points) { Cell($0.trend.delta) },
            Column("direction", .word(.direction)) { .trend($0.trend.direction, isSignificant: $0.isSignificant) },
            Column("p_value", .probability) { Cell($0.trend.pValue) },
            Column("q_value", .probability) { Cell($0.qValue) },
            Column("significant", .word(.truth)) { $0.qValue == nil ? .empty : .boolean($0.isSignificant) },
        ]
    }

    private var isSignificant: Bool { Trend.isSignificant(qValue: qValue) }

    static func forEach(
        of input: ReportInput, needed: Set<String>, _ filter: Filter, _ body: (Self) throws -> Void
    ) throws {
        let names = SubjectNames(try input.results.names())
        for level in filter.levels {
            let trends = try input.results.trends(at: level)
            let qValues = trends.qValues
            for (position, text) in names.order(of: trends.keys, at: level) {
                try body(
                    Self(
                        level: level, key: trends.keys[position], subject: text, trend: trends.values[position],
                        qValue: qValues[position], names: names))
            }
        }
    }
}
