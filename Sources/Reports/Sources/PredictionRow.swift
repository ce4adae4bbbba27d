import Domain
import Statistics
import Store

/// The score of a recommendation at a level.
struct PredictionRow: SourceRow {
    let recommendation: RecommendationID
    let herb: String
    let level: ScoreLevel
    let rank: Int
    let prediction: Prediction

    static let samplesColumn: String? = "historical_samples"
    static let standardColumns = [
        "diagnosis_id", "recommendation_id", "herb", "level", "rank", "score", "confidence", "meets_confidence",
        "historical", "historical_samples", "historical_basis", "similar", "similar_patients", "symptom",
    ]

    static var columns: [Column<Self>] {
        [
            Column("diagnosis_id", .record) { .integer($0.prediction.diagnosis.rawValue) },
            Column("recommendation_id", .record) { .integer($0.recommendation.rawValue) },
            Column("herb", .name) { .text($0.herb) },
            Column("level", .word(.scoreLevel)) { .text($0.level.rawValue) },
            Column("rank", .count) { .integer(Int64($0.rank)) },
            Column("score", .share) { .decimal($0.prediction.score(at: $0.level)) },
            Column("confidence", .share) { .decimal($0.prediction.confidence) },
            Column("meets_confidence", .word(.truth)) { .boolean($0.prediction.meetsConfidence(at: $0.level)) },
            Column("historical", .share, interval: "historical_interval") { .decimal($0.prediction.historical) },
            Column("historical_samples", .count) { Cell($0.prediction.historicalSamples) },
            Column("historical_basis", .word(.basis)) { .text($0.prediction.basis.rawValue) },
            Column("similar", .share, interval: "similar_interval") { .decimal($0.prediction.similar) },
            Column("similar_patients", .count) { Cell($0.prediction.similarPatients) },
            Column("historical_interval", .interval(of: .share)) {
                Cell.interval(successes: $0.prediction.historicalSuccesses, of: $0.prediction.historicalSamples)
            },
            Column("similar_interval", .interval(of: .share)) {
                Cell.interval(successes: $0.prediction.similarSuccesses, of: $0.prediction.similarPatients)
            },
            Column("symptom", .share) { _ in .decimal(Ensemble.symptom) },
        ]
    }

    static func forEach(
        of input: ReportInput, needed: Set<String>, _ filter: Filter, _ body: (Self) throws -> Void
    ) throws {
        let results = input.results
        let herbNames = try results.names().herbs
        let levels = ScoreLevel.allCases.filter { filter.accepts($0.rawValue, in: "level") }
        var rest = try results.rankedRecommendations().sorted {
            ($0.prediction.diagnosis, $0.recommendation) < ($1.prediction.diagnosis, $1.recommendation)
        }[...]
        while let diagnosis = rest.first?.prediction.diagnosis {
            let members = rest.prefix { $0.prediction.diagnosis == diagnosis }
            rest = rest[members.endIndex...]
            for level in levels {
                let order = ranking(of: members.map(\.prediction), at: level)
                for (place, position) in order.enumerated() {
                    let member = members[members.startIndex + position]
                    try body(
                        Self(
                            recommendation: member.recommendation, herb: herbNames[member.herb], level: level,
                            rank: place + 1, prediction: member.prediction))
                }
            }
        }
    }
}
