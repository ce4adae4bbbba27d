import Domain
import GRDB
import TestSupport
import Testing

@testable import Store
@testable import StoreSQLite

/// Ids that no version of the program gives do not stop writes.
@Suite(.timeLimit(.minutes(30))) struct HighIDTests {
    private let folder: TemporaryFolder
    private let database: SQLiteDatabase

    init() throws {
        folder = try TemporaryFolder()
        database = try SQLiteDatabase(in: folder, with: Orders.clinic)
    }

    private static let largest = PatientID.largest
    private static let highIDs: [[Int64]] = [
        [.max], [.max - 1, .max], [largest], [largest - 1, largest], [largest - 1, largest, .max],
    ]

    @Test("records with ids up to or above the largest do not stop writes", arguments: highIDs)
    func strangeIDs(ids: [Int64]) throws {
        try database.write { db in
            for id in ids {
                try db.execute(
                    sql: """
                        INSERT INTO patients VALUES (\(id), 'motadel', NULL, NULL, 1);
                        INSERT INTO diagnoses SELECT \(id), 1, condition_id, symptom_set_id, created_at, 1 FROM diagnoses
                            WHERE diagnosis_id = 1;
                        INSERT INTO recommendations SELECT \(id), 1, herb_id, created_at, 1 FROM recommendations
                            WHERE recommendation_id = 1;
                        INSERT INTO feedback SELECT \(id), 1, 5, NULL, NULL, created_at, NULL, 1 FROM feedback
                            WHERE feedback_id = 1;
                        """)
            }
        }
        #expect(try database.write(.submit([draft(1), draft(1)])).refusals == nil)
        #expect(
            try database.write(.addPatients([newPatient(), newPatient(1000), newPatient()]), by: .admin).refusals == nil
        )
        let (feedback, patients) = try database.read { db in
            try (
                Int64.fetchAll(db, sql: "SELECT feedback_id FROM feedback WHERE feedback_id < 10000"),
                Int64.fetchAll(db, sql: "SELECT patient_id FROM patients WHERE patient_id < 10000")
            )
        }
        #expect(feedback == [1, 2, 3] && patients == [1, 2, 3, 1000, 1001])
        let strange = try database.recordsOutOfRange()
        let highest = ids.max() ?? 0
        #expect(strange.map(\.id) == Array(repeating: highest, count: highest > Self.largest ? 4 : 0))
        // What computes and reads goes on.
        _ = try database.recordBounds()
        let read = try database.clinic(asOf: day("2026-10-20"), in: .utc)
        #expect(read.cases.count == 3 + ids.count)
        // Imports number rows as well.
        try database.importRecords(from: "other", at: Orders.noon, firstNumber: 1) { writer in
            let number = try writer.giveNumber(nil, to: .text("x"), kind: .patient)
            #expect(number == 1002)
            #expect(try writer.giveNumber(nil, to: .text("y"), kind: .patient) == 1003)
        }
    }

    @Test("the ids that are left between high ones are taken first")
    func idsInGaps() throws {
        let largest = PatientID.largest
        try database.write { db in
            for id in [largest, largest - 1, largest - 3, largest - 5] {
                try db.execute(sql: "INSERT INTO patients VALUES (\(id), 'motadel', NULL, NULL, 1)")
            }
        }
        let news = (0..<4).map { _ in newPatient() }
        #expect(try database.write(.addPatients(news), by: .admin).refusals == nil)
        let ids = try database.read {
            try Int64.fetchAll($0, sql: "SELECT patient_id FROM patients WHERE import_id > 1 ORDER BY 1")
        }
        #expect(ids == [3, 4, largest - 4, largest - 2])
    }

    private static let fullTables: [(statement: String, table: String)] = [
        ("INSERT INTO imports VALUES (9223372036854775807, 'x', 0, 0, 1)", "imports"),
        ("INSERT INTO deltas VALUES (9223372036854775807, 0, 1, 'feedback_update', '{}', 0, NULL, NULL)", "deltas"),
        ("UPDATE audit SET audit_id = 9223372036854775807", "audit"),
    ]

    @Test("a table without free numbers is named", arguments: fullTables)
    func noFreeNumber(statement: String, table: String) throws {
        try database.write { try $0.execute(sql: statement) }
        let error = StoreError.noFreeNumber(location: folder.path("clinic.db"), table: table, id: .max)
        #expect(throws: error) { try database.write(.submit([draft(1)])) }
        #expect(try database.recordCounts().feedback == 1)
        if table != "imports" {
            let broadcast = Broadcast(
                diagnosis: DiagnosisID(rawValue: 1), kind: .feedback, data: "{}", requester: .admin, request: "r")
            let writer = try database.broadcastWriter()
            #expect(throws: error) { try writer.commit([broadcast], at: Orders.noon) }
        }
    }
}
