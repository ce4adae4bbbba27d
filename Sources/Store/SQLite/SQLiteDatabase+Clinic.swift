import Dispatch
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
                let (clinic, missing) = try ClinicReader(asOf: asOf, zone: zone, access: .eachOwn(connections)).clinic()
                // While the caller computes. Who writes waits for it; without the copies all is as it was, only slower.
                if !missing.isEmpty { DispatchQueue.global().async { try? keep(missing, of: version) } }
                return clinic
            } catch is ClinicReader.Moved {
                continue
            }
        }
        return try read { try ClinicReader(asOf: asOf, zone: zone, access: .one($0)).clinic() }.clinic
    }

    /// Keeps narrow copies of records that were read at a version, where that is the newest still.
    func keep(_ blocks: [RecordBlock], of version: ClinicVersion) throws {
        try write { db in
            guard try ClinicChanges(db: db).newest() == version else { return }
            let insert = try Statement(
                db,
                """
                INSERT INTO record_blocks (block, columns) VALUES (?, ?)
                ON CONFLICT (block) DO UPDATE SET columns = excluded.columns
                """)
            for block in blocks {
                insert.bind(block.number, at: 1)
                insert.bind(block.bytes, at: 2)
                try insert.run()
            }
        }
    }
}
