import Domain
import Reports
import Statistics
import Store

// How predictions look over HTTP.

/// Predictions of one diagnosis, as they are told.
struct ToldPredictions: Sendable {
    /// What they are of.
    let diagnosis: Diagnosis
    /// Whose temperament counts.
    let mizaj: Mizaj
    /// Best first.
    let readings: [ExplainedRecommendation]
    /// The day that they are as of.
    let asOf: Day
    /// The run that they are from; `nil` where they were computed for this answer.
    let run: RunID?
    /// When they were computed.
    let computedAt: Instant

    /// Seconds for which a prediction is valid.
    static let lifetime: Int64 = 86_400

    /// The predictions as JSON.
    ///
    /// - Parameters:
    ///   - level: by which they are ranked.
    ///   - showsPatients: whether the similar patients are named.
    func json(in language: Language, level: ScoreLevel = .balanced, showsPatients: Bool = false) -> JSON {
        let byID = readings.sorted { $0.place.recommendation < $1.place.recommendation }
        let ranked = ranking(of: byID.map(\.place.prediction), at: level).map { byID[$0] }
        return [
            "diagnosis_id": JSON(diagnosis.id), "condition": .text(diagnosis.condition), "as_of": JSON(asOf),
            "source": run == nil ? "computed" : "run", "run_id": JSON(run?.rawValue),
            "computed_at": JSON(computedAt),
            "valid_until": JSON(Instant(microseconds: computedAt.microseconds + Self.lifetime * 1_000_000)),
            "model_version": .text(Ensemble.version), "language": .text(language.rawValue),
            "level": .text(level.rawValue),
            "predictions": JSON(
                ranked.enumerated().map { rank, reading in
                    JSON.object([])
                        .adding([
                            "recommendation_id": JSON(reading.place.recommendation), "herb": .text(reading.herb),
                            "rank": JSON(rank + 1),
                        ])
                        .adding(Self.scores(reading.place.prediction, level))
                        .adding([
                            "components": Self.components(reading, showsPatients: showsPatients),
                            "reasoning": JSON(reasoning(of: reading, in: language).map { .text($0) }),
                        ])
                }),
        ]
    }

    private static let reasonings = ByLanguage { Reasoning(in: $0) }

    private func reasoning(of reading: ExplainedRecommendation, in language: Language) -> [String] {
        Self.reasonings.with(language) { reasoning in
            reasoning.sentences(
                for: reading.place.prediction, of: reading.herb, for: diagnosis.condition, mizaj: mizaj)
        }
    }

    private static func scores(_ prediction: Prediction, _ level: ScoreLevel) -> KeyValuePairs<String, JSON> {
        [
            "score": JSON(prediction.score(at: level)), "confidence": JSON(prediction.confidence),
            "meets_confidence": .boolean(prediction.meetsConfidence(at: level)),
        ]
    }

    private static func components(_ reading: ExplainedRecommendation, showsPatients: Bool) -> JSON {
        let prediction = reading.place.prediction
        var similar: JSON = [
            "value": JSON(prediction.similar), "weight": JSON(Ensemble.similarWeight),
            "patients": JSON(prediction.similarPatients), "successes": JSON(prediction.similarSuccesses),
        ]
        if showsPatients {
            similar = similar.adding([
                "nearest": JSON(
                    reading.similar.map {
                        [
                            "patient_id": JSON($0.patient), "distance": JSON($0.distance),
                            "success": .boolean($0.isSuccess),
                        ]
                    })
            ])
        }
        return [
            "historical": [
                "value": JSON(prediction.historical), "weight": JSON(Ensemble.historicalWeight),
                "basis": .text(prediction.basis.rawValue), "samples": JSON(prediction.historicalSamples),
                "successes": JSON(prediction.historicalSuccesses),
            ],
            "similar": similar,
            "symptom": ["value": JSON(Ensemble.symptom), "weight": JSON(Ensemble.symptomWeight)],
        ]
    }

    static let schema = Schema.named(
        "Predictions",
        .object([
            .init("diagnosis_id", .id), .init("condition", .text), .init("as_of", .day),
            .init(
                "source", .word(["run", "computed"]),
                "Whether they are from the last run, or were computed for this answer."),
            .init("run_id", .optional(.id)), .init("computed_at", .instant), .init("valid_until", .instant),
            .init("model_version", .text), .init("language", .word(Language.allCases.map(\.rawValue))),
            .init("level", .word(ScoreLevel.allCases.map(\.rawValue))),
            .init("predictions", .array(of: .named("Prediction", predictionSchema)), "Best first."),
        ]))

    private static let predictionSchema = Schema.object([
        .init("recommendation_id", .id), .init("herb", .text), .init("rank", .integer(1...Int64.max)),
        .init("score", .share), .init("confidence", .share),
        .init("meets_confidence", .boolean, "Whether it counts: an aggressive score needs a confidence of 0.7."),
        .init(
            "components",
            .object([
                .init(
                    "historical",
                    .object([
                        .init("value", .share), .init("weight", .share),
                        .init("basis", .word(HistoricalBasis.allCases.map(\.rawValue))), .init("samples", .count),
                        .init("successes", .count),
                    ])),
                .init(
                    "similar",
                    .object([
                        .init("value", .share), .init("weight", .share), .init("patients", .count),
                        .init("successes", .count),
                        .init(
                            "nearest",
                            .array(
                                of: .object([
                                    .init("patient_id", .id), .init("distance", .number(0...4)),
                                    .init("success", .boolean),
                                ])), required: false, "The similar patients, where staff ask for them."),
                    ])),
                .init("symptom", .object([.init("value", .share), .init("weight", .share)])),
            ])),
        .init("reasoning", .array(of: .text), "What each component says, and how sure that is, in the language."),
    ])
}
