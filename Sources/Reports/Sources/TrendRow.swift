import Analytics
import Domain
import Store

/// Where a subject is heading.
struct TrendRow: SourceRow, SubjectRow {
    let level: Level
    let key: Subject
    let subject: String
    let trend: Trend
    let qValue: Double?
    let names: SubjectNames

    static let samplesColumn = "recent_samples"
    static let standardColumns = [
        "level", "subject", "recent_samples", "recent_rate", "baseline_samples", "baseline_rate", "delta", "direction",
        "p_value", "q_value", "significant",
    ]

    static var columns: [Column<Self>] {
        subjectColumns + [
            Column("recent_samples") { Cell($0.trend.recentSamples) },
            Column("recent_rate") { Cell($0.trend.recentRate) },
            Column("baseline_samples") { Cell($0.trend.baselineSamples) },
            Column("baseline_rate") { Cell($0.trend.baselineRate) },
            Column("delta") { Cell($0.trend.delta) },
            Column("direction") { .text($0.trend.direction.rawValue) },
            Column("p_value") { Cell($0.trend.pValue) },
            Column("q_value") { Cell($0.qValue) },
            Column("significant") { $0.qValue.map { .boolean($0 <= Trend.falseDiscoveryRate) } ?? .empty },
        ]
    }

    static func forEach(
        of results: any PublishedResults, needed: Set<String>, _ filter: Filter, _ body: (Self) throws -> Void
    ) throws {
        let names = SubjectNames(try results.names())
        for level in filter.levels {
            let trends = try results.trends(at: level)
            // A q-value depends on all tests of the level, so it follows from them here and is stored nowhere.
            let qValues = qValues(of: trends.values.map(\.pValue))
            for (position, text) in names.order(of: trends.keys, at: level) {
                try body(
                    Self(
                        level: level, key: trends.keys[position], subject: text, trend: trends.values[position],
                        qValue: qValues[position], names: names))
            }
        }
    }
}
