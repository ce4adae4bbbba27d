import Domain
import Store
import TestSupport
import Testing

/// What a writer of records stores, refuses and finds missing.
@Suite(.timeLimit(.minutes(30))) struct RecordWriterTests {
    private let folder: TemporaryFolder
    private static let clinic = TestClinic.random(
        4, patients: 40, recommendations: 50, feedback: 60, until: day("2026-10-20"))

    init() throws { folder = try TemporaryFolder() }

    private func patient(_ id: Int64, born: Int? = nil) -> Patient {
        Patient(id: PatientID(rawValue: id), mizaj: .motadel, sex: nil, birthYear: born)
    }

    private func importing<Value>(
        into database: any ClinicStore, from source: String = "clinic", _ body: (any RecordWriter) throws -> Value
    ) throws -> Value {
        try database.importRecords(from: source, at: Orders.noon, firstNumber: 100, body)
    }

    // MARK: Outcomes

    @Test("each record has the outcome of its own", arguments: StorageEngine.all)
    func outcomes(engine: StorageEngine) throws {
        let database = try engine.open(with: Orders.clinic, in: folder)
        var known = Orders.clinic.feedback[0]
        let outcomes = try importing(into: database) { writer in
            var outcomes = try [
                writer.write(patient(9)), writer.write(patient(9)), writer.write(patient(9, born: 1980)),
                writer.write(known),
            ]
            known.recommendation = RecommendationID(rawValue: 77)
            known.id = FeedbackID(rawValue: 9)
            outcomes.append(try writer.write(known))
            known.recommendation = RecommendationID(rawValue: 1)
            known.createdAt = instant("2025-09-30T00:00:00Z")
            outcomes.append(try writer.write(known))
            known = Orders.clinic.feedback[0]
            known.comment = "changed"
            // It came unchanged already.
            outcomes.append(try writer.write(known))
            return outcomes
        }
        #expect(
            outcomes == [
                .inserted, .unchanged, .repeated(fields: ["birth_year"]), .unchanged, .missingReference,
                .tooEarly(reason: "is more than a year before its recommendation was made"),
                .repeated(fields: ["comment"]),
            ])
        #expect(try importing(into: database) { try $0.write(known) } == .updated)
        #expect(
            try importing(into: database, from: "other") { try $0.write(patient(9, born: 1)) }
                == .foreign(source: "clinic"))
        #expect(try database.readClinic { records, _ in try records.feedback(known.id) } == known)
    }

    @Test("after a refused record, the others of its row are not written", arguments: StorageEngine.all)
    func rows(engine: StorageEngine) throws {
        let database = try engine.open(in: folder)
        let orphan = Orders.clinic.diagnoses[1]
        let outcomes = try importing(into: database) { writer in
            try writer.write([
                BatchRecord(.patient(patient(1)), row: 1), BatchRecord(.diagnosis(orphan), row: 2),
                BatchRecord(.patient(patient(3)), row: 2), BatchRecord(.patient(patient(4)), row: 3),
            ])
        }
        #expect(outcomes == [.inserted, .missingReference, nil, .inserted])
        #expect(try database.recordCounts().patients == 2)
    }

    @Test("rows that were left out are counted, also where nothing was written", arguments: StorageEngine.all)
    func rejects(engine: StorageEngine) throws {
        let database = try engine.open(in: folder)
        #expect(try database.latestRejects() == nil)
        try importing(into: database) { try $0.noteRejected(3) }
        #expect(try database.latestRejects() == 3)
        _ = try importing(into: database) { try $0.write(patient(1)) }
        #expect(try database.latestRejects() == 0)
        try database.write(.addPatients([newPatient()]), by: .admin)
        #expect(try database.latestRejects() == 0)
    }

    // MARK: Keys and birth years

    @Test("keys have the number they were given, each source and kind for itself", arguments: StorageEngine.all)
    func keys(engine: StorageEngine) throws {
        let database = try engine.open(in: folder)
        let row = RecordKey.row([UInt8](repeating: 7, count: 16))
        try importing(into: database) { writer throws in
            #expect(try !writer.hasUnkeyedRecords && writer.number(of: .text("a"), kind: .patient) == nil)
            #expect(try writer.giveNumber(nil, to: .text("a"), kind: .patient) == 100)
            #expect(try writer.giveNumber(nil, to: .text("A"), kind: .patient) == 101)
            #expect(try writer.giveNumber(7, to: .number(5), kind: .feedback) == 7)
            #expect(try writer.giveNumber(nil, to: row, kind: .row) == 102)
            #expect(try writer.number(of: .text("a"), kind: .patient) == 100)
            _ = try writer.write(patient(103))
        }
        try importing(into: database) { writer throws in
            #expect(try writer.number(of: .text("A"), kind: .patient) == 101)
            #expect(
                try writer.number(of: .number(5), kind: .feedback) == 7 && writer.number(of: row, kind: .row) == 102)
            #expect(try writer.number(of: .text("a"), kind: .diagnosis) == nil && !writer.hasUnkeyedRecords)
        }
        try importing(into: database, from: "other") { writer throws in
            #expect(try writer.number(of: .text("a"), kind: .patient) == nil)
            // Numbers of keys and records are not given again.
            #expect(try writer.giveNumber(nil, to: .text("a"), kind: .patient) == 104)
        }
    }

    @Test(
        "the years in which a patient may be born are narrowed, and kept where others contradict",
        arguments: StorageEngine.all)
    func birthYears(engine: StorageEngine) throws {
        let database = try engine.open(in: folder)
        let id = PatientID(rawValue: 1)
        try importing(into: database) { writer in
            let first = try writer.birthYear(of: id, in: 1980...1990, preferring: 1985)
            #expect(first.year == 1985 && !first.isContradicted)
            _ = try writer.write(patient(1, born: first.year))
        }
        try importing(into: database) { writer in
            // The stored year stays while it is possible.
            let second = try writer.birthYear(of: id, in: 1984...1995, preferring: 1990)
            #expect(second.year == 1985 && !second.isContradicted)
            let third = try writer.birthYear(of: id, in: 1987...1999, preferring: 1995)
            #expect(third.year == 1990 && !third.isContradicted)
            _ = try writer.write(patient(1, born: third.year))
            let fourth = try writer.birthYear(of: id, in: 1991...1999, preferring: 1995)
            #expect(fourth.year == 1990 && fourth.isContradicted)
        }
    }

    @Test("a feedback is stored where the source has it as it is", arguments: StorageEngine.all)
    func stored(engine: StorageEngine) throws {
        let database = try engine.open(with: Orders.clinic, in: folder)
        var feedback = Orders.clinic.feedback[0]
        #expect(try importing(into: database) { try $0.isStored(feedback) })
        #expect(try !importing(into: database, from: "other") { try $0.isStored(feedback) })
        feedback.comment = "other"
        #expect(try !importing(into: database) { try $0.isStored(feedback) })
    }

    // MARK: Missing records

    @Test(
        "what an import of everything does not have is missing, and deleted where that is asked for",
        arguments: StorageEngine.all)
    func missing(engine: StorageEngine) throws {
        let database = try engine.open(with: Orders.clinic, in: folder)
        func settle(deletes: Bool) throws -> (records: [(kind: String, count: Int)], deleted: Int) {
            try importing(into: database) { writer in
                for patient in Orders.clinic.patients { _ = try writer.write(patient) }
                _ = try writer.write(Orders.clinic.diagnoses[0])
                return try writer.settle(deletesMissing: deletes, allowsChanges: false)
            }
        }
        // Feedback of the API is of another source, and keeps its recommendation.
        try database.write(.submit([draft(2)]), by: .admin)
        let (records, deleted) = try settle(deletes: false)
        #expect(
            records.map(\.kind) == ["feedback", "recommendation", "diagnosis"] && records.map(\.count) == [1, 2, 1])
        #expect(deleted == 0)
        #expect(try settle(deletes: true).deleted == 2)
        #expect(
            try database.recordCounts() == RecordCounts(patients: 2, diagnoses: 2, recommendations: 1, feedback: 1))
        #expect(try database.auditReport(against: nil).problems == [])
    }

    @Test("more changes than a fifth are unusual, unless they are allowed", arguments: StorageEngine.all)
    func unusual(engine: StorageEngine) throws {
        let database = try engine.open(with: Self.clinic, in: folder)
        func change(_ count: Int, allowed: Bool) throws {
            try importing(into: database) { writer in
                for patient in Self.clinic.patients.prefix(count) {
                    var other = patient
                    other.mizaj = patient.mizaj == .motadel ? .garmTar : .motadel
                    _ = try writer.write(other)
                }
                _ = try writer.settle(deletesMissing: false, allowsChanges: allowed)
            }
        }
        let error = #expect(throws: ImportError.self) { try change(10, allowed: false) }
        guard case .unusual("clinic", "patients", changed: 10, known: 40, deletes: false) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(
            try database.readClinic { records, _ in try records.patients(after: nil, limit: 99) }
                == Self.clinic.patients)
        try change(8, allowed: false)
        try change(10, allowed: true)
    }

    @Test("a record cannot be changed so that others would be older than it", arguments: StorageEngine.all)
    func impossible(engine: StorageEngine) throws {
        let database = try engine.open(with: Orders.clinic, in: folder)
        var recommendation = Orders.clinic.recommendations[0]
        recommendation.createdAt = instant("2027-10-21T12:00:01Z")
        let error = #expect(throws: ImportError.self) {
            try importing(into: database) { writer in
                _ = try writer.write(recommendation)
                return try writer.settle(deletesMissing: false, allowsChanges: true)
            }
        }
        guard case .impossible(let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason == "recommendation 1 would be made more than a year after its feedback 1")
    }
}
