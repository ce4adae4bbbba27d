import Domain
import GRDB
import Store

/// Reads what patients see of published results, inside one transaction.
struct PatientResultsReader: PatientResults {
    let db: GRDB.Database

    func patientPublication() throws -> PatientPublication? {
        let statement = try Statement(db, "SELECT day, as_of, published_at FROM patient_publication")
        guard try statement.step() else { return nil }
        return PatientPublication(
            day: try statement.day(0), asOf: try statement.day(1), publishedAt: try statement.instant(2))
    }

    func patientRanking(of diagnosis: DiagnosisID) throws -> [PatientPlace] {
        try ranking(of: try RecommendationID.fetchAll(of: diagnosis, db))
    }

    /// The ranking of recommendations of one diagnosis, ascending, best first.
    func ranking(of recommendations: [RecommendationID]) throws -> [PatientPlace] {
        try PublishedTable.patientPredictions.olds(recommendations, db).map {
            PatientPlace(recommendation: $0.key, prediction: $0.row)
        }.sorted { $0.prediction.rank < $1.prediction.rank }
    }

    func pastPatientPredictions(of diagnosis: DiagnosisID) throws -> [PastPatientPrediction] {
        let history = PredictionHistory(db: db)
        return try RecommendationID.fetchAll(of: diagnosis, db).flatMap { recommendation in
            try history.spans(of: recommendation, in: .patientPredictions).map { span in
                PastPatientPrediction(
                    recommendation: recommendation, prediction: span.row, since: Day(daysSinceEpoch: span.since),
                    until: span.until.map(Day.init(daysSinceEpoch:)))
            }
        }
    }
}

/// Writes what patients see.
struct PatientViewWriter {
    let db: GRDB.Database

    /// Notes the run that the view is from.
    func note(_ publication: PatientPublication) throws {
        try db.execute(
            sql: """
                INSERT INTO patient_publication (only, day, as_of, published_at) VALUES (1, ?, ?, ?)
                ON CONFLICT (only) DO UPDATE SET day = excluded.day, as_of = excluded.as_of,
                    published_at = excluded.published_at
                """,
            arguments: [
                publication.day.daysSinceEpoch, publication.asOf.daysSinceEpoch, publication.publishedAt.microseconds,
            ])
    }
}
