public import Domain
import GRDB
public import Store

extension SQLiteDatabase {
    /// Writes what a run changed, with its deltas and the superseded rows, in one transaction.
    public func publish(
        _ results: Results, of directory: RecommendationDirectory, version: ClinicVersion, run: RunID, at now: Instant
    ) throws -> Publication {
        try publishing { try $0.publish(results, of: directory, version: version, run: run, at: now) }
    }

    /// Writes what a few changes made of the published results, with its deltas and the superseded rows, in one transaction.
    public func publish(_ touched: TouchedResults, run: RunID, at now: Instant) throws -> Publication {
        try publishing { try $0.publish(touched, run: run, at: now) }
    }

    /// Publishes in one transaction, and notifies followers where it wrote deltas.
    private func publishing(_ body: (SQLitePublication) throws -> Publication) throws -> Publication {
        let publication = try write { try body(SQLitePublication($0)) }
        if publication.deltas > 0 { signal.raise() }
        return publication
    }

    /// Up to where the published results rest on what was written, where all stages are of one day; `nil` where they are not.
    public func publishedVersion() throws -> PublishedVersion? {
        try read { db in
            let rows = try GRDB.Row.fetchAll(db, sql: "SELECT * FROM publications")
            let versions = Dictionary(
                uniqueKeysWithValues: try rows.map { row in
                    let clinic = ClinicVersion(
                        lastImport: try row.known("last_import"), lastEntry: try row.known("last_entry"))
                    return (
                        try row.known("stage") as String,
                        PublishedVersion(
                            asOf: try row.day("as_of"), clinic: clinic,
                            scoresRun: RunID(rawValue: try row.known("run_id")))
                    )
                })
            let scores = versions[Stage.scores.rawValue]
            let isWhole = Stage.allCases.filter { $0 != .reports }.allSatisfy { stage in
                let version = versions[stage.rawValue]
                return version?.asOf == scores?.asOf && version?.clinic == scores?.clinic
            }
            return isWhole ? scores : nil
        }
    }
}
