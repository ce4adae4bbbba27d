public import Domain
import GRDB
public import Store

extension SQLiteDatabase {
    /// What is noted of releases.
    public func notedReleases() throws -> NotedReleases {
        try read { db in
            var noted = NotedReleases()
            if let row = try GRDB.Row.fetchOne(db, sql: "SELECT timezone, first_month FROM release_setup") {
                guard let zone = ClinicTimeZone(identifier: try row.known("timezone")),
                    let month = CalendarMonth(try row.known("first_month") as String)
                else { throw DatabaseError.unknown("release_setup") }
                noted.setup = ReleaseSetup(timezone: zone, firstMonth: month)
            }
            for row in try GRDB.Row.fetchAll(db, sql: "SELECT month, digest FROM releases") {
                guard let month = CalendarMonth(try row.known("month") as String) else {
                    throw DatabaseError.unknown("releases.month")
                }
                noted.digests[month] = try row.known("digest")
            }
            return noted
        }
    }

    /// Notes how releases were set up and which months the ledger has.
    public func noteReleases(_ setup: ReleaseSetup, _ months: [LedgerMonth], run: RunID) throws {
        try write { db in
            try db.execute(
                sql: """
                    INSERT INTO release_setup (only, timezone, first_month) VALUES (1, ?, ?)
                    ON CONFLICT (only) DO UPDATE SET timezone = excluded.timezone, first_month = excluded.first_month
                    """, arguments: [setup.timezone.description, setup.firstMonth.description])
            for month in months {
                try db.execute(
                    sql: "INSERT INTO releases (month, digest, run_id) VALUES (?, ?, ?) ON CONFLICT (month) DO NOTHING",
                    arguments: [month.released.month.description, month.digest, run.rawValue])
            }
        }
    }
}
