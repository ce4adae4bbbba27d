import Domain
import Store
import TestSupport
import Testing

/// An order with a key is processed once, and its answer repeated to those who may still know it.
@Suite(.timeLimit(.minutes(30))) struct IdempotencyTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(arguments: StorageEngine.all) func aKeyCountsOnce(engine: StorageEngine) throws {
        let database = try engine.open(with: Orders.clinic, in: folder)
        let first = try database.write(.submit([draft(1)]), key: "k")
        let second = try database.write(.submit([draft(1)]), key: "k")
        #expect(try database.recordCounts().feedback == 2)
        guard case .written(let told, let wasRepeated) = first.end,
            case .written(let again, let isRepeated) = second.end
        else {
            Issue.record("\(first) \(second)")
            return
        }
        #expect(told == again)
        #expect(!wasRepeated && isRepeated)
        #expect(try database.orderEntries() == 1)
        #expect(try database.deltas().count == 2)
    }

    @Test(arguments: StorageEngine.all) func aKeyIsOfOneSubjectAndForOneThing(engine: StorageEngine) throws {
        let database = try engine.open(with: Orders.clinic, in: folder)
        try database.write(.submit([draft(1)]), key: "k")
        #expect(try database.write(.submit([draft(1, 5)]), key: "k", asked: "y").end == .keyTaken)
        try database.write(.submit([draft(2)]), by: .stranger, key: "k")
        #expect(try database.recordCounts().feedback == 3)
    }

    @Test(arguments: StorageEngine.all) func aKeyOfWhatWasRefusedMayBeUsedAgain(engine: StorageEngine) throws {
        let database = try engine.open(with: Orders.clinic, in: folder)
        #expect(try database.write(.submit([draft(9)]), key: "k").refusals != nil)
        #expect(try database.write(.submit([draft(1)]), key: "k").refusals == nil)
        #expect(try database.recordCounts().feedback == 2)
    }

    @Test(arguments: StorageEngine.all) func aKeyIsForgottenAfterADay(engine: StorageEngine) throws {
        let database = try engine.open(with: Orders.clinic, in: folder)
        try database.write(.submit([draft(1)]), key: "k")
        let later = Instant(seconds: Orders.noon.seconds + 86_401)
        try database.write(.submit([draft(1)]), key: "k", at: later)
        #expect(try database.recordCounts().feedback == 3)
    }

    @Test("a key counts for one subject in one role and for one patient", arguments: StorageEngine.all, ["a", "a\0b"])
    func keysOfRequesters(engine: StorageEngine, subject: String) throws {
        let database = try engine.open(with: Orders.clinic, in: folder)
        let requesters = [
            Requester(subject: subject, role: .patient, patient: PatientID(rawValue: 1)),
            Requester(subject: subject, role: .clinician, patient: nil),
            Requester(subject: subject, role: .service, patient: nil),
            Requester(subject: "a", role: .admin, patient: nil),
        ]
        for requester in requesters {
            #expect(try database.write(.submit([draft(1)]), by: requester, key: "k").isRepeated == false)
        }
        for requester in requesters {
            #expect(try database.write(.submit([draft(1)]), by: requester, key: "k").isRepeated == true)
        }
        #expect(try database.recordCounts().feedback == 5)
        // The same subject and role for another patient, who does not own the recommendation.
        let other = Requester(subject: subject, role: .patient, patient: PatientID(rawValue: 2))
        #expect(
            try database.write(.submit([draft(1)]), by: other, key: "k").refusals == [0: .missing("recommendation 1")])
        #expect(try database.write(.submit([draft(2)]), by: other, key: "k").isRepeated == false)
    }

    /// Moves the diagnosis of the first recommendation to the second patient, as an import would.
    private func moveDiagnosis(in database: any ClinicStore) throws {
        try database.importRecords(from: "clinic", at: Orders.noon, firstNumber: 1) { writer in
            _ = try writer.write(
                Diagnosis(
                    id: DiagnosisID(rawValue: 1), patient: PatientID(rawValue: 2), condition: "insomnia", symptoms: [],
                    createdAt: instant("2026-10-01T12:00:00Z")))
        }
    }

    @Test("an answer is not repeated once the diagnosis belongs to another patient", arguments: StorageEngine.all)
    func ownerChanged(engine: StorageEngine) throws {
        let database = try engine.open(with: Orders.clinic, in: folder)
        let feedback = FeedbackID(rawValue: 2)
        let orders: [(change: RecordChange, refusal: WriteRefusal)] = [
            (.submit([draft(1), draft(1)]), .missing("recommendation 1")),
            (.edit(feedback, judgement(1)), .missing("feedback 2")), (.withdraw(feedback), .missing("feedback 2")),
        ]
        for (number, order) in orders.enumerated() {
            #expect(try database.write(order.change, key: "k\(number)").isRepeated == false)
            #expect(try database.write(order.change, key: "k\(number)").isRepeated == true)
        }
        try database.write(.submit([draft(1)]), by: .clinician, key: "k")
        try moveDiagnosis(in: database)
        for (number, order) in orders.enumerated() {
            let refused = try #require(try database.write(order.change, key: "k\(number)").refusals)
            #expect(refused[0] == order.refusal)
            // As for a request without a key.
            #expect(try database.write(order.change).refusals == refused)
        }
        #expect(try database.write(.submit([draft(1)]), by: .clinician, key: "k").isRepeated == true)
    }

    @Test("an answer to parts is repeated while the written ones are owned", arguments: StorageEngine.all)
    func ownerOfPartsChanged(engine: StorageEngine) throws {
        let database = try engine.open(with: Orders.clinic, in: folder)
        let drafts = [draft(2), draft(1), draft(2)]
        #expect(try database.write(.submit(drafts), key: "k", parts: true).isRepeated == false)
        #expect(try database.write(.submit(drafts), key: "k", parts: true).isRepeated == true)
        try moveDiagnosis(in: database)
        #expect(
            try database.write(.submit(drafts), key: "k", parts: true).refusals == [1: .missing("recommendation 1")])
    }
}
