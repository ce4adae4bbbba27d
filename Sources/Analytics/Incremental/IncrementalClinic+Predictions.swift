public import Domain
import Statistics

extension IncrementalClinic {
    /// The predictions of the recommendations of a diagnosis that were created up to the as-of day, best first, as a run would
    /// compute them now if the diagnosis is active; `nil` where there is no such diagnosis.
    public func predictions(of diagnosis: DiagnosisID) -> [ExplainedRecommendation]? {
        guard let own = position(of: diagnosis, in: clinic.diagnoses.ids) else { return nil }
        var explained = recommendations(of: own).map { explain($0) }
        var predictions = explained.map(\.place.prediction)
        rank(&predictions)
        for (position, prediction) in predictions.enumerated() {
            explained[position].place.prediction = prediction
        }
        return explained.sorted { $0.place.prediction.rank < $1.place.prediction.rank }
    }

    private func explain(_ recommendation: Int32) -> ExplainedRecommendation {
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

    /// The prediction of a recommendation, not ranked yet.
    func prediction(of recommendation: Int32, similar: SimilarPatients.Outcome) -> Prediction {
        Prediction(
            diagnosis: clinic.diagnoses.ids[Int(clinic.recommendations.diagnosis[Int(recommendation)])],
            evidence: tallies.evidence(of: treatment(of: recommendation)), similar: similar)
    }
}
