import Domain
import Foundation
import GRDB
import Testing
import TestSupport

@testable import Store
@testable import StoreSQLite

/// Records read from their narrow copies are what stands in their tables, whoever wrote there.
@Suite(.timeLimit(.minutes(30))) struct RecordBlockTests {
    private let folder: TemporaryFolder
    private let database: SQLiteDatabase
    private let last = day("2026-10-20")

    init() throws {
        folder = try TemporaryFolder()
        database = try SQLiteDatabase(in: folder)
    }

    /// What is read, as text, and the blocks of which there was no copy.
    private func read(asOf: Day) throws -> (text: String, missing: [RecordBlock]) {
        try database.read { db in
            let (clinic, missing) = try ClinicReader(asOf: asOf, zone: .utc, access: .one(db)).clinic()
            let text =
                "\(clinic.patients) \(clinic.diagnoses) \(clinic.recommendations) \(clinic.cases) "
                + "\(clinic.herbs.names) \(clinic.conditions.names) \(clinic.herbs.keys) \(clinic.conditions.keys)"
            return (text, missing)
        }
    }

    /// A clinic whose numbers are spread over many blocks.
    private func clinic(_ random: inout TestRandom, source: Int64) -> TestClinic {
        var clinic = TestClinic.random(
            Int.random(in: 1...1000, using: &random), patients: 12, recommendations: 30, feedback: 60, until: last)
        func spread(_ number: Int64) -> Int64 { number * 700 + source }
        for index in clinic.patients.indices {
            clinic.patients[index].id = PatientID(rawValue: spread(clinic.patients[index].id.rawValue))
        }
        for index in clinic.diagnoses.indices {
            clinic.diagnoses[index].id = DiagnosisID(rawValue: spread(clinic.diagnoses[index].id.rawValue))
            clinic.diagnoses[index].patient = PatientID(rawValue: spread(clinic.diagnoses[index].patient.rawValue))
        }
        for index in clinic.recommendations.indices {
            let recommendation = clinic.recommendations[index]
            clinic.recommendations[index].id = RecommendationID(rawValue: spread(recommendation.id.rawValue))
            clinic.recommendations[index].diagnosis = DiagnosisID(rawValue: spread(recommendation.diagnosis.rawValue))
        }
        for index in clinic.feedback.indices {
            let feedback = clinic.feedback[index]
            clinic.feedback[index].id = FeedbackID(rawValue: spread(feedback.id.rawValue))
            clinic.feedback[index].recommendation = RecommendationID(
                rawValue: spread(feedback.recommendation.rawValue))
            clinic.feedback[index].createdAt = Instant(
                microseconds: feedback.createdAt.microseconds + Int64.random(in: 0...1, using: &random) * 123_457)
            clinic.feedback[index].compliance =
                [
                    nil, Compliance(0.5), Compliance(billionths: 0), Compliance(billionths: 333_333_333), Compliance(1),
                ].randomElement(using: &random) ?? nil
        }
        return clinic
    }

    @Test(arguments: 1...8) func copiesStayTrueWhateverIsWritten(seed: Int) throws {
        var random = TestRandom(seed)
        try clinic(&random, source: 1).write(to: database, source: "1")
        let statements = [
            "UPDATE feedback SET rating = 6 - rating WHERE feedback_id % 3 = 0",
            "UPDATE feedback SET deleted_at = created_at WHERE feedback_id % 7 = 1",
            "UPDATE feedback SET feedback_id = feedback_id + 5000 WHERE feedback_id = (SELECT max(feedback_id) FROM feedback)",
            "DELETE FROM feedback WHERE feedback_id = (SELECT min(feedback_id) FROM feedback)",
            "UPDATE recommendations SET created_at = created_at - 86400000000 WHERE recommendation_id % 5 = 2",
            "UPDATE diagnoses SET symptom_set_id = 1 WHERE diagnosis_id % 4 = 1",
            "UPDATE patients SET birth_year = 1950, sex = 'male' WHERE patient_id % 2 = 1",
        ]
        for round in 0..<12 {
            let known = try read(asOf: last - Int.random(in: 0...300, using: &random))
            try database.keep(known.missing, of: database.moment())
            switch Int.random(in: 0..<3, using: &random) {
            case 0:
                // Another clinic, or newer content of one that is there.
                let source = Int64.random(in: 1...3, using: &random)
                try clinic(&random, source: source).write(to: database, source: "\(source)")
            case 1: break
            default:
                let statement = try #require(statements.randomElement(using: &random))
                try database.write { db in
                    // Somebody who puts a record right by hand has nothing that refers to it follow.
                    try db.execute(sql: "PRAGMA defer_foreign_keys = ON")
                    try db.execute(sql: "DELETE FROM feedback_notes; \(statement)")
                }
            }
            let asOf = last - Int.random(in: 0...300, using: &random)
            #expect(try database.read(RecordBlock.areTrue), "seed \(seed), round \(round)")
            let copied = try read(asOf: asOf).text
            try database.write { try $0.execute(sql: "DELETE FROM record_blocks") }
            let (whole, missing) = try read(asOf: asOf)
            #expect(copied == whole, "seed \(seed), round \(round)")
            try database.keep(missing, of: database.moment())
            let (again, none) = try read(asOf: asOf)
            #expect(again == whole && none.isEmpty)
        }
        #expect(try database.count("record_blocks") > 20)
    }

    @Test(arguments: [1, 1 << 40, .max] as [Int64]) func numbersMayLieFarApart(last number: Int64) throws {
        var random = TestRandom(1)
        var clinic = self.clinic(&random, source: 1)
        let patient = PatientID(rawValue: number)
        if number > 1 { clinic.patients.append(Patient(id: patient, mizaj: .motadel, sex: nil, birthYear: nil)) }
        try clinic.write(to: database, source: "1")
        let read = try database.clinic(asOf: last, in: .utc)
        #expect(read.patients.ids == clinic.patients.map(\.id).sorted())
        let (counts, bounds) = (try database.recordCounts(), try database.recordBounds())
        #expect(bounds.patients >= counts.patients && bounds.diagnoses >= counts.diagnoses)
        #expect(bounds.recommendations >= counts.recommendations && bounds.feedback >= counts.feedback)
        // No clinic is refused for numbers that nobody has.
        #expect(bounds.patients < 1 << 20)
    }

    @Test("reading columns writes nothing unless it may refresh the cache", .timeLimit(.minutes(30)))
    func plainReads() async throws {
        var random = TestRandom(1)
        let clinic = clinic(&random, source: 1)
        let other = try SQLiteDatabase(path: folder.path("other.db"), create: true)
        for database in [database, other] {
            try clinic.write(to: database)
            try database.write { try $0.execute(sql: "DELETE FROM record_blocks") }
        }
        _ = try database.clinic(asOf: last, in: .utc)
        _ = try other.clinic(asOf: last, in: .utc, refreshingCache: true)
        // A write of the first read would have begun before that of the second one.
        try await waitUntil("the cache of the other database is refreshed") {
            try other.count("record_blocks") > 20
        }
        #expect(try database.count("record_blocks") == 0)
    }

    @Test func whatWasReadBeforeSomebodyWroteIsNotKept() throws {
        var random = TestRandom(1)
        try clinic(&random, source: 1).write(to: database, source: "1")
        let (before, missing) = (try database.moment(), try read(asOf: last).missing)
        try clinic(&random, source: 2).write(to: database, source: "2")
        try database.keep(missing, of: before)
        #expect(try database.count("record_blocks") == 0)
        try database.keep(try read(asOf: last).missing, of: database.moment())
        #expect(try database.count("record_blocks") > 0)
    }

    @Test func whatWasReadBeforeSomebodyElsePutARecordRightIsNotKept() throws {
        var random = TestRandom(1)
        try clinic(&random, source: 1).write(to: database, source: "1")
        let (before, missing) = (try database.moment(), try read(asOf: last).missing)
        // By hand, past all that notes what is written.
        let other = try DatabaseQueue(path: folder.path("clinic.db"))
        try other.write { try $0.execute(sql: "UPDATE feedback SET rating = 6 - rating") }
        try database.keep(missing, of: before)
        #expect(try database.count("record_blocks") == 0)
        let (after, text) = (try database.moment(), try read(asOf: last))
        try database.keep(text.missing, of: after)
        #expect(try database.count("record_blocks") > 0 && read(asOf: last).text == text.text)
    }

    @Test func aDamagedCopyIsToldAndNotTakenForRecords() throws {
        var random = TestRandom(1)
        try clinic(&random, source: 1).write(to: database, source: "1")
        try database.keep(try read(asOf: last).missing, of: database.moment())
        try database.write { db in
            try db.execute(sql: "UPDATE record_blocks SET columns = substr(columns, 1, length(columns) - 1)")
        }
        let error = #expect(throws: StoreError.self) { try read(asOf: last) }
        #expect(error?.description.contains("record_blocks") == true)
    }

    @Test(arguments: 0..<4) func theCheckTellsCopiesThatAreNotAsTheirRecords(kind: Int) throws {
        var random = TestRandom(1)
        try clinic(&random, source: 1).write(to: database, source: "1")
        try database.keep(try read(asOf: last).missing, of: database.moment())
        #expect(try database.problem() == nil)
        try database.write { db in
            // One bit of what the first record of a block says.
            let block = try #require(
                try Row.fetchOne(db, sql: "SELECT * FROM record_blocks WHERE block >> 56 = ?", arguments: [kind]))
            var columns: Data = block["columns"]
            columns[2] ^= 1
            try db.execute(
                sql: "UPDATE record_blocks SET columns = ? WHERE block = ?",
                arguments: [columns, block["block"] as Int64])
        }
        #expect(try database.problem() == "the copies of records that runs read are not as the records")
    }

    @Test(arguments: [Int64.min, -1, 0, 2, .max]) func aCopyThatNamesARecommendationThatIsNotThereIsTold(
        _ number: Int64
    ) throws {
        var clinic = TestClinic()
        let recommendation = clinic.recommendation("saffron", for: "insomnia", to: clinic.patient(), on: last)
        clinic.rate(recommendation, 5, on: last)
        try clinic.write(to: database)
        try database.keep(try read(asOf: last).missing, of: database.moment())
        // Each record begins with how far its recommendation is from that of the one before.
        var block = ByteWriter()
        block.append(count: clinic.feedback[0].id.rawValue)
        block.append(difference: number)
        let damaged = block.bytes
        try database.write { db in
            try db.execute(
                sql: "UPDATE record_blocks SET columns = CAST(? || substr(columns, 3) AS BLOB) WHERE block >> 56 = 3",
                arguments: [Data(damaged)])
        }
        let error = #expect(throws: StoreError.self) { try read(asOf: last) }
        #expect(error?.description.contains("feedback.recommendation_id") == true, "\(String(describing: error))")
    }

    @Test func numbersThatLieFarApartAreHeldAsWell() throws {
        let numbers: [Int64] = [1, 4095, 4096, 1 << 40, .max - 1, .max]
        var clinic = TestClinic()
        for number in numbers {
            clinic.patients.append(
                Patient(
                    id: PatientID(rawValue: number), mizaj: .sardTar, sex: number % 2 == 0 ? .male : nil,
                    birthYear: 1900)
            )
        }
        try clinic.write(to: database)
        let (whole, missing) = try read(asOf: last)
        try database.keep(missing, of: database.moment())
        let (copied, none) = try read(asOf: last)
        #expect(copied == whole && none.isEmpty && missing.count == 4)
    }
}
