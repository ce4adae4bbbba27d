public import Domain
import GRDB
import Store

extension SQLiteDatabase {
    /// The clinic's day of the earliest record that has one; `nil` where no record has, or where a record is of `day` or
    /// earlier. It is fast in the latter case only.
    public func firstDay(ifAfter day: Day, in zone: ClinicTimeZone) throws -> Day? {
        let end = zone.instant(on: day + 1, hour: 0).microseconds
        return try read { db in
            let tables = ["diagnoses", "recommendations", "feedback"]
            for table in tables {
                let isEarlier = try Bool.fetchOne(
                    db, sql: "SELECT EXISTS (SELECT 1 FROM \(table) WHERE created_at < ?)", arguments: [end])
                if isEarlier ?? false { return nil }
            }
            let earliest = try tables.compactMap { table in
                try Int64.fetchOne(db, sql: "SELECT min(created_at) FROM \(table)")
            }
            return earliest.min().map { zone.day(of: Instant(microseconds: $0)) }
        }
    }
}
