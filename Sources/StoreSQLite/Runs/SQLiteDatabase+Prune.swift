public import Domain
import GRDB
public import Store

extension SQLiteDatabase {
    /// Deletes what is older than a day: superseded results, runs with their stages and deliveries, and deltas.
    public func prune(before day: Day, in zone: ClinicTimeZone) throws -> PruneCounts {
        let start = zone.instant(on: day, hour: 0).microseconds
        return try write { db in
            func delete(_ statement: String, _ arguments: StatementArguments) throws -> Int {
                try db.execute(sql: "DELETE FROM \(statement)", arguments: arguments)
                return db.changesCount
            }
            var counts = PruneCounts()
            let tables = [
                "effectiveness", "trends", "cohorts", "predictions", "complete_predictions", "bodies",
                "patient_predictions",
            ]
            for table in tables {
                counts.history += try delete("\(table)_history WHERE until < ?", [day.daysSinceEpoch])
            }
            // What the published results name stays, and what schedules are reckoned from.
            let old = """
                SELECT run_id FROM runs WHERE started_at < ?1 AND status <> ?2
                    AND run_id NOT IN (SELECT run_id FROM publications)
                    AND run_id NOT IN (SELECT max(run_id) FROM runs GROUP BY job)
                    AND run_id NOT IN (SELECT max(run_id) FROM runs GROUP BY job, trigger, status)
                """
            let oldArguments: StatementArguments = [start, RunStatus.running.rawValue]
            // The newest stays for its number, from which the next go on.
            let prunedDeltas = "deltas WHERE at < ? AND seq < (SELECT max(seq) FROM deltas)"
            try db.execute(
                sql: """
                    INSERT INTO pruned_deltas (only, seq) SELECT 1, max(seq) FROM \(prunedDeltas) HAVING max(seq) > 0
                    ON CONFLICT (only) DO UPDATE SET seq = max(seq, excluded.seq)
                    """, arguments: [start])
            counts.deltas = try delete(prunedDeltas, [start])
            counts.deliveries = try delete("deliveries WHERE noted_at < ?", [start])
            _ = try delete("run_stages WHERE run_id IN (\(old))", oldArguments)
            counts.runs = try delete("runs WHERE run_id IN (\(old))", oldArguments)
            return counts
        }
    }
}
