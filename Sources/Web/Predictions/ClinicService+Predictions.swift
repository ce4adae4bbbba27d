import Domain
import Statistics
import Store

extension ClinicService {
    /// The language that a request asks for.
    func language(of call: Call) -> Language {
        call.text("language").flatMap(Language.init) ?? call.language ?? settings.language
    }

    /// The predictions of a diagnosis as its patient sees them.
    ///
    /// - Throws: `Problem` where it is not the requester's to see.
    func patientPredictions(_ call: Call, _ requester: Requester) async throws -> JSON {
        let released = try await publicFigures()
        let predictions = try await readAsPatient { records, view in
            try PatientPredictions(of: call.id(of: Diagnosis.self), by: requester, records, view, released)
        }
        return predictions.json(in: language(of: call))
    }

    /// What came of the predictions of a diagnosis, by recommendation.
    ///
    /// - Parameter past: the scores that the diagnosis had.
    func accuracies(
        of diagnosis: DiagnosisID, _ records: any ClinicRecords, _ past: [PastScore]
    ) throws -> [(RecommendationID, PredictionAccuracy)] {
        var accuracies: [RecommendationID: PredictionAccuracy] = [:]
        for feedback in try records.feedback(of: diagnosis, before: nil, limit: 10_000) {
            // What is published as of a day knows of that day.
            let eve = settings.timezone.day(of: feedback.createdAt) - 1
            let prediction = past.last {
                $0.recommendation == feedback.recommendation && $0.since <= eve && eve < $0.until ?? (eve + 1)
            }
            guard let prediction else { continue }
            accuracies[feedback.recommendation, default: PredictionAccuracy()].add(
                predicted: prediction.score, isSuccess: feedback.rating >= settings.successRating)
        }
        return accuracies.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// How a recommendation was predicted, and what came of it; `nil` where it is not the requester's to see.
    ///
    /// - Parameter past: the scores that a diagnosis had.
    func statistics(
        of id: RecommendationID, by requester: Requester, _ records: any ClinicRecords,
        _ past: (DiagnosisID) throws -> [PastScore]
    ) throws -> Answer? {
        guard try records.isOwned(id, by: requester), let diagnosis = try records.recommendation(id)?.diagnosis else {
            return nil
        }
        let past = try past(diagnosis)
        let scores = past.filter { $0.recommendation == id }.map(\.score)
        let accuracy = try accuracies(of: diagnosis, records, past).first { $0.0 == id }?.1
        return Answer(
            JSON.object([]).adding([
                "withheld": false, "recommendation_id": JSON(id), "published": JSON(scores.count),
                "lowest_score": JSON(scores.min()), "highest_score": JSON(scores.max()),
                "latest_score": JSON(scores.last),
            ]).adding((accuracy ?? PredictionAccuracy()).members))
    }

    /// The predictions of diagnoses: those of the last run where they still hold, else computed now.
    ///
    /// - Parameter freshly: whether they are computed in any case.
    /// - Throws: `Problem` where one of the diagnoses is not the requester's to see.
    func told(
        _ diagnoses: [DiagnosisID], by staff: StaffAccess, freshly: Bool = false
    ) async throws -> [ToldPredictions] {
        let now = now()
        let known = try await read(as: staff) { records, results in
            let origin = try results.origins()[.scores]
            let run = try origin.flatMap { try results.run($0.run) }
            let computedAt = run.map { $0.end?.endedAt ?? $0.start.startedAt }
            let isYoung = computedAt.map { now.microseconds - $0.microseconds < ToldPredictions.lifetime * 1_000_000 }
            return try diagnoses.map { id -> (Diagnosis, Mizaj, ToldPredictions?) in
                let id = try records.owned(id, by: staff.requester)
                guard let diagnosis = try records.diagnosis(id), let patient = try records.patient(diagnosis.patient)
                else { throw Problem(.notFound, "there is no diagnosis \(id)") }
                guard !freshly, isYoung == true, let origin, let computedAt, try results.isCurrent(id) else {
                    return (diagnosis, patient.mizaj, nil)
                }
                let ranking = try results.ranking(of: id)
                guard !ranking.isEmpty else { return (diagnosis, patient.mizaj, nil) }
                let readings = try ranking.map { place in
                    ExplainedRecommendation(place: place, herb: try results.herb(place.herb), similar: [])
                }
                let told = ToldPredictions(
                    diagnosis: diagnosis, mizaj: patient.mizaj, readings: readings, asOf: origin.asOf, run: origin.run,
                    computedAt: computedAt)
                return (diagnosis, patient.mizaj, told)
            }
        }
        let missing = known.filter { $0.2 == nil }.map { $0.0.id }
        let computed = missing.isEmpty ? [:] : try await predictions.predictions(of: missing)
        return known.map { diagnosis, mizaj, told in
            told
                ?? ToldPredictions(
                    diagnosis: diagnosis, mizaj: mizaj, readings: computed[diagnosis.id] ?? [],
                    asOf: settings.timezone.day(of: now), run: nil, computedAt: now)
        }
    }
}
