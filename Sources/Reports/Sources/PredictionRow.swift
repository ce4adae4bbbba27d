import Analytics
import Domain
import Store

/// The score of a recommendation at a level.
struct PredictionRow: SourceRow {
    let recommendation: RecommendationID
    let herb: String
    let level: ScoreLevel
    let rank: Int
    let prediction: Prediction

    static let samplesColumn = "historical_samples"
    static let standardColumns = [
        "diagnosis_id", "recommendation_id", "herb", "level", "rank", "score", "confidence", "meets_confidence",
        "historical", "historical_samples", "historical_basis", "similar", "similar_patients", "symptom",
    ]

    static var columns: [Column<Self>] {
        [
            Column("diagnosis_id") { .integer($0.prediction.diagnosis.rawValue) },
            Column("recommendation_id") { .integer($0.recommendation.rawValue) },
            Column("herb") { .text($0.herb) },
            Column("level") { .text($0.level.rawValue) },
            Column("rank") { .integer(Int64($0.rank)) },
            Column("score") { .decimal($0.prediction.score(at: $0.level)) },
            Column("confidence") { .decimal($0.prediction.confidence) },
            Column("meets_confidence") { .boolean($0.prediction.meetsConfidence(at: $0.level)) },
            Column("historical") { .decimal($0.prediction.historical) },
            Column("historical_samples") { Cell($0.prediction.historicalSamples) },
            Column("historical_basis") { .text($0.prediction.basis.rawValue) },
            Column("similar") { .decimal($0.prediction.similar) },
            Column("similar_patients") { Cell($0.prediction.similarPatients) },
            Column("symptom") { _ in .decimal(Ensemble.symptom) },
        ]
    }

    static func forEach(
        of results: any PublishedResults, needed: Set<String>, _ filter: Filter, _ body: (Self) throws -> Void
    ) throws {
        let herbNames = try results.names().herbs
        let herbs = try results.predictedHerbs()
        let predictions = try results.predictions()
        let levels = ScoreLevel.allCases.filter { filter.accepts($0.rawValue, in: "level") }
        let byDiagnosis = predictions.keys.indices.sorted {
            (predictions.values[$0].diagnosis, $0) < (predictions.values[$1].diagnosis, $1)
        }
        var rest = byDiagnosis[...]
        while let first = rest.first {
            let diagnosis = predictions.values[first].diagnosis
            let members = Array(rest.prefix { predictions.values[$0].diagnosis == diagnosis })
            rest.removeFirst(members.count)
            for level in levels {
                let order = ranking(of: members.map { predictions.values[$0] }, at: level)
                for (place, member) in order.enumerated() {
                    let position = members[member]
                    let recommendation = predictions.keys[position]
                    try body(
                        Self(
                            recommendation: recommendation,
                            herb: herbs[recommendation].map { herbNames[$0] } ?? "", level: level, rank: place + 1,
                            prediction: predictions.values[position]))
                }
            }
        }
    }
}
