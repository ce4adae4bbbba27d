public import Domain
import Statistics

/// Scores every recommendation created up to the as-of day in an active diagnosis: one that was created, or has a case,
/// in the last 90 days.
///
/// - Parameter tallies: those of `effectiveness(of:successRating:)` for the same clinic.
public func scores(
    of linked: LinkedClinic, tallies: [Level: Keyed<Subject, WindowTallies>], successRating: Rating
) async -> (scores: Results.Scores, comparisons: SimilarPatients.Comparisons) {
    let clinic = linked.clinic
    let recommendations = clinic.recommendations
    let active = activeRecommendations(of: clinic)
    let history = History(tallies)
    let similar = await SimilarPatients(in: linked, successRating: successRating).outcomes(for: active)

    var evidence = TreatmentTable<(treatment: Subject, evidence: HistoricalEvidence)>(of: clinic)
    let indices = active.map { position in
        let diagnosis = Int(recommendations.diagnosis[Int(position)])
        let (herb, condition) = (recommendations.herb[Int(position)], clinic.diagnoses.condition[diagnosis])
        return evidence.index(Int(herb), Int(condition)) {
            let treatment = clinic.treatment(of: Int(position))
            return (treatment, history.evidence(of: treatment))
        }
    }
    let found = evidence.values
    var predictions = concurrentArray(active.count) { index in
        Prediction(
            diagnosis: clinic.diagnoses.ids[Int(recommendations.diagnosis[Int(active[index])])],
            evidence: found[indices[index]].evidence, similar: similar.outcomes[index])
    }
    rank(&predictions, byDiagnosis: active.map { recommendations.diagnosis[Int($0)] }, of: clinic.diagnoses.ids.count)
    let sorted = found.sorted { $0.treatment < $1.treatment }
    return (
        Results.Scores(
            predictions: Keyed(keys: active.map { recommendations.ids[Int($0)] }, values: predictions),
            evidence: Keyed(keys: sorted.map(\.treatment), values: sorted.map(\.evidence))), similar.comparisons
    )
}

extension Prediction {
    /// A prediction that is not ranked yet.
    init(diagnosis: DiagnosisID, evidence: HistoricalEvidence, similar: SimilarPatients.Outcome) {
        self.init(
            diagnosis: diagnosis, evidence: evidence, similarPatients: similar.patients,
            similarSuccesses: similar.successes)
    }
}

/// Positions of the recommendations that are scored, ascending.
private func activeRecommendations(of clinic: Clinic) -> [Int32] {
    let first = Window.days90.firstDay(asOf: clinic.asOf)
    var isActive = clinic.diagnoses.createdOn.map { $0 >= first && $0 <= clinic.asOf }
    for position in 0..<clinic.cases.count where clinic.cases.day[position] >= first {
        isActive[Int(clinic.recommendations.diagnosis[Int(clinic.cases.recommendation[position])])] = true
    }
    return clinic.recommendations.ids.indices.filter { position in
        isActive[Int(clinic.recommendations.diagnosis[position])]
            && clinic.recommendations.createdOn[position] <= clinic.asOf
    }.map { Int32($0) }
}

/// Writes the balanced rank within its diagnosis into each prediction.
private func rank(_ predictions: inout [Prediction], byDiagnosis diagnoses: [Int32], of count: Int) {
    let groups = CSRIndex(diagnoses, into: count)
    predictions.withUnsafeMutableBufferPointer { predictions in
        nonisolated(unsafe) let predictions = predictions  // each is of one diagnosis, and each diagnosis in one chunk
        _ = concurrentChunks(groups.count) { diagnoses in
            for diagnosis in diagnoses where !groups[diagnosis].isEmpty {
                let members = groups[diagnosis]
                var own = members.map { predictions[Int($0)] }
                rank(&own)
                for (member, prediction) in zip(members, own) { predictions[Int(member)] = prediction }
            }
        }
    }
}

/// Writes the balanced rank into the predictions of one diagnosis, given by ascending recommendation.
func rank(_ predictions: inout [Prediction]) {
    for (index, position) in ranking(of: predictions, at: .balanced).enumerated() {
        predictions[position].rank = Int32(index + 1)
    }
}

/// Looks up the historical evidence of a score.
private struct History {
    private let treatments: Keyed<Subject, WindowTallies>
    private let herbs: Keyed<Subject, WindowTallies>
    private let overall: WindowTallies?

    init(_ tallies: [Level: Keyed<Subject, WindowTallies>]) {
        treatments = tallies[.treatment] ?? Keyed()
        herbs = tallies[.herb] ?? Keyed()
        overall = tallies[.overall]?[.all]
    }

    func evidence(of treatment: Subject) -> HistoricalEvidence {
        HistoricalEvidence(
            treatment: treatments[treatment], herb: herbs[.herb(treatment.herb)], overall: overall)
    }
}
