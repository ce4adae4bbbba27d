public import Domain
import GRDB
public import Store

extension SQLiteDatabase {
    /// The feedback up to a day that the published results have not seen.
    public func pendingFeedback(upTo day: Day, in zone: ClinicTimeZone) throws -> PendingFeedback {
        try read { db in
            let seen = try GRDB.Row.fetchOne(
                db, sql: "SELECT last_import, as_of FROM publications WHERE stage = ?",
                arguments: [Stage.effectiveness.rawValue])
            let lastImport: Int64 = try seen?.known("last_import") ?? 0
            let end = try seen.map { zone.instant(on: try $0.day("as_of") + 1, hour: 0) }
            let row = try GRDB.Row.fetchOne(
                db,
                sql: """
                    SELECT coalesce(sum(n), 0) AS feedback, count(*) AS recommendations, coalesce(max(n), 0) AS most
                    FROM (SELECT count(*) AS n FROM feedback
                          WHERE (import_id > ? OR created_at >= ? AND deleted_at IS NULL) AND created_at < ?
                          GROUP BY recommendation_id)
                    """,
                arguments: [lastImport, end?.microseconds ?? 0, zone.instant(on: day + 1, hour: 0).microseconds])
            return PendingFeedback(
                feedback: row?["feedback"] ?? 0, recommendations: row?["recommendations"] ?? 0,
                mostOnOne: row?["most"] ?? 0)
        }
    }
}
