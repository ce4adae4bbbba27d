public import Domain
import GRDB

extension SQLiteDatabase {
    /// How many records of each kind there are.
    public func recordCounts() throws -> RecordCounts {
        try read { db in
            func count(_ table: String) throws -> Int {
                try Int.fetchOne(db, sql: "SELECT count(*) FROM \(table)") ?? 0
            }
            return RecordCounts(
                patients: try count("patients"), diagnoses: try count("diagnoses"),
                recommendations: try count("recommendations"), feedback: try count("feedback"))
        }
    }

    /// How many rows the newest import left out; `nil` where nothing was ever imported.
    public func latestRejects() throws -> Int? {
        // What came through the API left nothing out: who sent it was told.
        try read { db in
            try Int.fetchOne(
                db, sql: "SELECT rejected FROM imports WHERE source <> ? ORDER BY import_id DESC LIMIT 1",
                arguments: [OrderRecords.source])
        }
    }

    /// Everything that a run reads, as of one moment of the database.
    public func clinic(asOf: Day, in zone: ClinicTimeZone) throws -> Clinic {
        // Each core reads by a connection of its own. Where somebody writes between their beginnings, they begin again.
        for _ in 0..<3 {
            let version = try read { try ClinicChanges(db: $0).newest() }
            do {
                let connections = ClinicReader.OwnConnections(database: self, version: version)
                return try ClinicReader(asOf: asOf, zone: zone, access: .eachOwn(connections)).clinic()
            } catch is ClinicReader.Moved {
                continue
            }
        }
        return try read { try ClinicReader(asOf: asOf, zone: zone, access: .one($0)).clinic() }
    }
}
