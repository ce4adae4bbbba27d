import Domain
import GRDB
import Store

/// Reads what patients see of published results, inside one transaction.
struct PatientResultsReader: PatientResults, PagedResults {
    let db: GRDB.Database
    let pages: any PublishedPages

    init(db: GRDB.Database) {
        self.db = db
        pages = SQLitePublication(db)
    }

    func patientPublication() throws -> PatientPublication? {
        let statement = try Statement(db, "SELECT day, as_of, published_at FROM patient_publication")
        guard try statement.step() else { return nil }
        return PatientPublication(
            day: try statement.day(0), asOf: try statement.day(1), publishedAt: try statement.instant(2))
    }
}
