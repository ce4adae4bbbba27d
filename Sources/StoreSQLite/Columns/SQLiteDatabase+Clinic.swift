import Dispatch
public import Domain
import GRDB
public import Store

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

    /// How many records of each kind there are at most: as many as there are numbers from the least to the greatest, and no
    /// more than the file has room for.
    public func recordBounds() throws -> RecordCounts {
        try read { db in
            let room = try Self.mostRows(db)
            func bound<Record: PackedRecord>(_ record: Record.Type) throws -> Int {
                guard let (first, last) = try Record.ends(db) else { return 0 }
                return last - first < room ? Int(last - first) + 1 : room
            }
            return RecordCounts(
                patients: try bound(PatientRecord.self), diagnoses: try bound(DiagnosisRecord.self),
                recommendations: try bound(RecommendationRecord.self), feedback: try bound(FeedbackRecord.self))
        }
    }

    /// The records with the lowest and the highest id of each kind, where these are outside of 1…`Identifier.largest`.
    public func recordsOutOfRange() throws -> [(kind: String, id: Int64)] {
        try read { db in
            let kinds: [any StoredRecord.Type] = [Patient.self, Diagnosis.self, Recommendation.self, Feedback.self]
            return try kinds.flatMap { kind in
                let (table, key) = kind.table
                return try ["min", "max"].compactMap { end in
                    // Both asked at once would look at every row.
                    try Int64.fetchOne(db, sql: "SELECT \(end)(\(key)) FROM \(table)")
                }.filter { !(1...PatientID.largest).contains($0) }.map { (kind.kind, $0) }
            }
        }
    }

    /// How many rows of records the file has room for: none takes fewer bytes than these.
    static func mostRows(_ db: GRDB.Database) throws -> Int {
        let bytes = try Int.fetchOne(db, sql: "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
        return (bytes ?? 0) / 12
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
    public func clinic(asOf: Day, in zone: ClinicTimeZone, refreshingCache: Bool) throws -> Clinic {
        // Each core reads by a connection of its own. Where somebody writes between their beginnings, they begin again.
        for _ in 0..<3 {
            let moment = try moment()
            do {
                let connections = ClinicReader.OwnConnections(database: self, version: moment.version)
                let (clinic, missing) = try ClinicReader(asOf: asOf, zone: zone, access: .eachOwn(connections)).clinic()
                if refreshingCache, !missing.isEmpty {
                    // While the caller computes. Blocks writers briefly; failure only costs speed.
                    DispatchQueue.global().async { try? keep(missing, of: moment) }
                }
                return clinic
            } catch is ClinicReader.Moved {
                continue
            }
        }
        return try read { try ClinicReader(asOf: asOf, zone: zone, access: .one($0)).clinic() }.clinic
    }

    /// A state of the database, after which other records may stand there only where another moment is now.
    struct Moment: Equatable {
        let version: ClinicVersion
        /// Grows with what other processes commit, of whom nobody knows whether they note what they write.
        private let foreignCommits: Int64

        /// The moment of the connection that all writing of this process goes by.
        init(_ db: GRDB.Database) throws {
            foreignCommits = try Int64.fetchOne(db, sql: "PRAGMA data_version") ?? 0
            version = try ClinicChanges(db: db).newest()
        }
    }

    /// The present moment.
    func moment() throws -> Moment {
        try StoreError.translating(at: location) { try pool.writeWithoutTransaction(Moment.init) }
    }

    /// Keeps narrow copies of records that were read since a moment, where that lasts still.
    func keep(_ blocks: [RecordBlock], of moment: Moment) throws {
        try write { db in
            guard try Moment(db) == moment else { return }
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
