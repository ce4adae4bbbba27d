public import Domain
import Statistics

extension IncrementalClinic {
    /// What to expect of each recommendation of a diagnosis that was made up to today, best first, as a run would say now if
    /// the diagnosis is active; `nil` where there is no such diagnosis.
    public func predictions(of diagnosis: DiagnosisID) -> [ExplainedRecommendation]? {
        guard let place = position(of: diagnosis, in: clinic.diagnoses.ids) else { return nil }
        var readings = made(in: place).map { read($0) }
        var predictions = readings.map(\.place.prediction)
        rank(&predictions)
        for (position, prediction) in predictions.enumerated() { readings[position].place.prediction = prediction }
        return readings.sorted { $0.place.prediction.rank < $1.place.prediction.rank }
    }

    private func read(_ recommendation: Int32) -> ExplainedRecommendation {
        let nearest = similar.nearest(
            of: search(for: recommendation), in: group(of: recommendation), clinic.symptomSets)
        return ExplainedRecommendation(
            place: RankedRecommendation(
                recommendation: clinic.recommendations.ids[Int(recommendation)], herb: herb(of: recommendation),
                prediction: prediction(of: recommendation, similar: nearest.finding.outcome)),
            herb: clinic.herbs.names[Int(clinic.recommendations.herb[Int(recommendation)])],
            similar: nearest.found.map { proximity, isSuccess in
                ExplainedRecommendation.SimilarPatient(
                    patient: clinic.patients.ids[Int(proximity.recency.patient)],
                    distance: Double(proximity.distance) / 1e9, isSuccess: isSuccess)
            })
    }

    /// What to expect of a recommendation, not ranked yet.
    func prediction(of recommendation: Int32, similar: SimilarPatients.Outcome) -> Prediction {
        Prediction(
            diagnosis: clinic.diagnoses.ids[Int(clinic.recommendations.diagnosis[Int(recommendation)])],
            evidence: tallies.evidence(of: treatment(of: recommendation)), similar: similar)
    }
}
