import Domain
import Reports
import Statistics
import Store

/// Predictions of one diagnosis as its patient sees them: from the first run of a day, coarse, and without any count of others.
struct PatientPredictions: Sendable {
    /// What they are of.
    let diagnosis: Diagnosis
    /// The herbs as the recommendations name them.
    let herbs: [RecommendationID: String]
    /// Best first.
    let places: [PatientPlace]
    /// The run that they are from; `nil` before the first.
    let publication: PatientPublication?
    /// What anybody may see, for the reasons.
    let released: PublicFigures

    /// Reads the predictions of a diagnosis.
    ///
    /// - Throws: `Problem` where it is not the requester's to see.
    init(
        of diagnosis: DiagnosisID, by requester: Requester, _ records: any ClinicRecords, _ view: any PatientResults,
        _ released: PublicFigures
    ) throws {
        self.released = released
        let id = try records.owned(diagnosis, by: requester)
        guard let diagnosis = try records.diagnosis(id) else {
            throw Problem(.notFound, "there is no diagnosis \(id)")
        }
        self.diagnosis = diagnosis
        herbs = Dictionary(
            uniqueKeysWithValues: try records.recommendations(of: id).map { ($0.id, $0.herb) })
        places = try view.patientRanking(of: id)
        publication = try view.patientPublication()
    }

    func json(in language: Language) -> JSON {
        let computedAt = publication?.publishedAt
        return [
            "diagnosis_id": JSON(diagnosis.id), "condition": .text(diagnosis.condition),
            "as_of": JSON(publication?.asOf), "source": "run", "computed_at": JSON(computedAt),
            "valid_until": JSON(
                computedAt.map { Instant(microseconds: $0.microseconds + ToldPredictions.lifetime * 1_000_000) }),
            "model_version": .text(Ensemble.version), "language": .text(language.rawValue),
            "level": .text(ScoreLevel.balanced.rawValue),
            "predictions": JSON(
                places.map { place in
                    let herb = herbs[place.recommendation] ?? ""
                    return JSON.object([])
                        .adding(["recommendation_id": JSON(place.recommendation), "herb": .text(herb)])
                        .adding(place.prediction.members)
                        .adding([
                            "reasoning": JSON(reasoning(of: place.prediction, herb, in: language).map { .text($0) })
                        ])
                }),
        ]
    }

    private static let reasonings = ByLanguage { PatientReasoning(in: $0) }

    private func reasoning(of prediction: PatientPrediction, _ herb: String, in language: Language) -> [String] {
        let treatment = ReleasedSubject.treatment(herb: TextKey(herb), condition: TextKey(diagnosis.condition))
        let figure = released.subject(treatment)?.figures[.all]
        return Self.reasonings.with(language) {
            $0.sentences(for: prediction, of: herb, for: diagnosis.condition, released: figure)
        }
    }

    static let schema = Schema.named(
        "PatientPredictions",
        .object([
            .init("diagnosis_id", .id), .init("condition", .text),
            .init("as_of", .optional(.day), "null before the first run."), .init("source", .word(["run"])),
            .init("computed_at", .optional(.instant)), .init("valid_until", .optional(.instant)),
            .init("model_version", .text), .init("language", .word(Language.allCases.map(\.rawValue))),
            .init("level", .word([ScoreLevel.balanced.rawValue]), "Patients see the balanced ranking."),
            .init(
                "predictions",
                .array(
                    of: .named(
                        "PatientPrediction",
                        .object(
                            [.init("recommendation_id", .id), .init("herb", .text)] + Schema.patientPrediction + [
                                .init("reasoning", .array(of: .text), "What this rests on, in words of the language.")
                            ]))),
                "Best first, from the first run of a day; a recommendation that is newer has none yet."),
        ]))
}

extension Schema {
    /// What patients see of a prediction.
    static let patientPrediction: [Property] = [
        .init("rank", .integer(1...Int64(Int32.max))),
        .init(
            "score", .optional(.share),
            "Rounded to tenths; null where fewer than 20 patients have given feedback on the herb."),
        .init(
            "experience", .word(Experience.allCases.map(\.rawValue)),
            "How many patients have given feedback: `little` is fewer than 20, `some` fewer than 50, `good` fewer than 200."
        ),
        .init(
            "experience_with", .word(ExperienceBasis.allCases.map(\.rawValue)),
            "Whether those count who took the herb for the condition, or for any condition."),
        .init(
            "similar_patients", .optional(.word(SimilarShare.allCases.map(\.rawValue))),
            "For how many of the similar patients the herb worked; null where there are fewer than 11."),
    ]
}
