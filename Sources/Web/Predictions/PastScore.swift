import Domain
import Store

/// A score that a recommendation had from one run to another.
struct PastScore: Sendable {
    let recommendation: RecommendationID
    /// 0…1.
    let score: Double
    /// The first day of it: the as-of day of the run or, of what patients saw, the clinic's day.
    let since: Day
    /// The day on which it was replaced; `nil` for the present one.
    let until: Day?

    /// The balanced scores that runs published.
    static func published(in results: any PublishedResults, of diagnosis: DiagnosisID) throws -> [Self] {
        try results.pastPredictions(of: diagnosis).map {
            Self(recommendation: $0.recommendation, score: $0.prediction.score, since: $0.since, until: $0.until)
        }
    }

    /// The rounded scores that the patient saw.
    static func seen(in view: any PatientResults, of diagnosis: DiagnosisID) throws -> [Self] {
        try view.pastPatientPredictions(of: diagnosis).compactMap { past in
            past.prediction.score.map {
                Self(recommendation: past.recommendation, score: $0, since: past.since, until: past.until)
            }
        }
    }
}
