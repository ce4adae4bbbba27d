import Domain
import Store
import TestSupport
import Testing

/// The stores on which order processing must give the same.
enum OrderEngine: CustomStringConvertible {
    case memory
    case storage(StorageEngine)

    static let all = [memory] + StorageEngine.all.map(storage)

    var description: String {
        switch self {
        case .memory: "memory"
        case .storage(let engine): engine.description
        }
    }
}

/// The clinic of `Orders`, in a store.
private struct OrderClinic {
    private enum Backing {
        case memory(InMemoryOrderStore)
        case storage(any ClinicStore, TemporaryFolder)
    }

    private let backing: Backing

    init(on engine: OrderEngine) throws {
        let clinic = Orders.clinic
        switch engine {
        case .memory:
            var state = InMemoryOrderStore.State()
            for patient in clinic.patients { state.patients[patient.id] = patient }
            for diagnosis in clinic.diagnoses { state.diagnoses[diagnosis.id] = diagnosis }
            for recommendation in clinic.recommendations { state.recommendations[recommendation.id] = recommendation }
            for feedback in clinic.feedback { state.feedback[feedback.id] = feedback }
            backing = .memory(InMemoryOrderStore(state))
        case .storage(let engine):
            let folder = try TemporaryFolder()
            let database = try engine.open(in: folder)
            try clinic.write(to: database)
            backing = .storage(database, folder)
        }
    }

    private var store: any OrderStore {
        switch backing {
        case .memory(let store): store
        case .storage(let database, _): database
        }
    }

    /// The feedback, withdrawn feedback included, by number.
    func feedback() throws -> [Feedback] {
        switch backing {
        case .memory(let store): store.current.feedback.values.sorted { $0.id < $1.id }
        case .storage(let database, _):
            try database.readClinic { records, _ in
                try (1...50).compactMap { try records.feedback(FeedbackID(rawValue: $0)) }
            }
        }
    }

    /// The deltas in the order in which they were committed.
    func changes() throws -> [Delta.Change] {
        switch backing {
        case .memory(let store): store.current.outbox.map(\.change)
        case .storage(let database, _): try database.deltas().map(\.change)
        }
    }

    @discardableResult
    func write(
        _ change: RecordChange, by requester: Requester = .owner, key: String? = nil, asked: String = "x",
        parts: Bool = false, at now: Instant = Orders.noon, perDay: Int = 1000
    ) throws -> WriteReceipt {
        try store.write(
            change, by: requester, key: key, asked: asked, parts: parts, at: now,
            rules: Orders.rules(trigger: 3, perDay: perDay))
    }
}

/// The rules of order processing, on each engine.
@Suite("order processing", .timeLimit(.minutes(30))) struct OrderProcessingTests {
    private let submitted = FeedbackID(rawValue: 2)

    @Test("a key counts once, and its answer is repeated", arguments: OrderEngine.all)
    func idempotency(engine: OrderEngine) throws {
        let clinic = try OrderClinic(on: engine)
        let first = try clinic.write(.submit([draft(1)]), key: "k")
        let second = try clinic.write(.submit([draft(1)]), key: "k")
        #expect(first.end == .written(WriteAnswer(status: 201, body: "1"), repeated: false))
        #expect(second.end == .written(WriteAnswer(status: 201, body: "1"), repeated: true))
        #expect(!second.hasNews && !second.callsForRun)
        #expect(try clinic.write(.submit([draft(1, 5)]), key: "k", asked: "y").end == .keyTaken)
        #expect(try clinic.write(.submit([draft(1)]), by: .clinician, key: "k").isRepeated == false)
        #expect(try clinic.feedback().count == 3)
    }

    @Test("a key is forgotten after a day", arguments: OrderEngine.all)
    func expiry(engine: OrderEngine) throws {
        let clinic = try OrderClinic(on: engine)
        try clinic.write(.submit([draft(1)]), key: "k")
        let lifetime = IdempotencyKey.lifetime
        let last = Instant(seconds: Orders.noon.seconds + lifetime)
        #expect(try clinic.write(.submit([draft(1)]), key: "k", at: last).isRepeated == true)
        let later = Instant(seconds: last.seconds + 1)
        #expect(try clinic.write(.submit([draft(1)]), key: "k", at: later).isRepeated == false)
    }

    @Test("the key of a refused order may be used again", arguments: OrderEngine.all)
    func refusedKey(engine: OrderEngine) throws {
        let clinic = try OrderClinic(on: engine)
        #expect(try clinic.write(.submit([draft(9)]), key: "k").refusals == [0: .missing("recommendation 9")])
        #expect(try clinic.write(.submit([draft(1)]), key: "k").isRepeated == false)
    }

    @Test("records of other patients do not exist for a patient", arguments: OrderEngine.all)
    func ownership(engine: OrderEngine) throws {
        let clinic = try OrderClinic(on: engine)
        #expect(
            try clinic.write(.submit([draft(1)]), by: .stranger).refusals == [0: .missing("recommendation 1")])
        try clinic.write(.submit([draft(1)]))
        #expect(
            try clinic.write(.edit(submitted, judgement(1)), by: .stranger).refusals == [0: .missing("feedback 2")])
        #expect(try clinic.write(.withdraw(submitted), by: .stranger).refusals == [0: .missing("feedback 2")])
    }

    @Test("the author and admins may change a feedback", arguments: OrderEngine.all)
    func authorship(engine: OrderEngine) throws {
        let clinic = try OrderClinic(on: engine)
        try clinic.write(.submit([draft(1)]))
        for requester in [Requester.clinician, .service] {
            #expect(try clinic.write(.edit(submitted, judgement(1)), by: requester).refusals == [0: .notTheAuthor])
        }
        for requester in [Requester.owner, .admin] {
            #expect(try clinic.write(.edit(submitted, judgement(1)), by: requester).refusals == nil)
        }
        // The author of imported feedback is the patient.
        let imported = FeedbackID(rawValue: 1)
        #expect(try clinic.write(.edit(imported, judgement(5)), by: .clinician).refusals == [0: .notTheAuthor])
        #expect(try clinic.write(.edit(imported, judgement(5)), by: .owner).refusals == nil)
    }

    @Test("a feedback can be changed for as long as the rules allow", arguments: OrderEngine.all)
    func editWindow(engine: OrderEngine) throws {
        let clinic = try OrderClinic(on: engine)
        try clinic.write(.submit([draft(1)]))
        let end = Instant(seconds: Orders.noon.seconds + 3600)
        #expect(try clinic.write(.edit(submitted, judgement(1)), at: end).refusals == nil)
        let late = Instant(microseconds: end.microseconds + 1)
        #expect(try clinic.write(.withdraw(submitted), at: late).refusals == [0: .tooLate(3600)])
    }

    @Test("withdrawn feedback cannot be changed", arguments: OrderEngine.all)
    func withdrawal(engine: OrderEngine) throws {
        let clinic = try OrderClinic(on: engine)
        try clinic.write(.submit([draft(1)]))
        #expect(try clinic.write(.withdraw(submitted)).refusals == nil)
        #expect(try clinic.feedback().last?.deletedAt == Orders.noon)
        #expect(try clinic.write(.withdraw(submitted)).refusals == [0: .missing("feedback 2")])
        #expect(try clinic.write(.edit(submitted, judgement(5)), by: .admin).refusals == [0: .missing("feedback 2")])
    }

    @Test("a day has a limit of feedback on a recommendation", arguments: OrderEngine.all)
    func dailyLimit(engine: OrderEngine) throws {
        let clinic = try OrderClinic(on: engine)
        let refusal = WriteRefusal.tooMany(RecommendationID(rawValue: 1), limit: 3, retryAfter: 43_200)
        let parts = try clinic.write(.submit([draft(1), draft(1), draft(1)]), parts: true, perDay: 3)
        #expect(parts.refusals == nil)
        // Two of the three were written, beside the imported one of the day.
        #expect(try clinic.feedback().count == 3)
        #expect(try clinic.write(.submit([draft(1)]), by: .clinician, perDay: 3).refusals == [0: refusal])
        for requester in [Requester.service, .admin] {
            #expect(try clinic.write(.submit([draft(1)]), by: requester, perDay: 3).refusals == nil)
        }
        let tomorrow = instant("2026-10-21T00:00:00Z")
        #expect(try clinic.write(.submit([draft(1)]), at: tomorrow, perDay: 3).refusals == nil)
    }

    @Test("a refused item refuses the whole order, which leaves no trace", arguments: OrderEngine.all)
    func wholeOrders(engine: OrderEngine) throws {
        let clinic = try OrderClinic(on: engine)
        let receipt = try clinic.write(.submit([draft(1), draft(2), draft(1)]))
        #expect(receipt.refusals == [1: .missing("recommendation 2")])
        #expect(!receipt.hasNews)
        #expect(try clinic.feedback().count == 1)
        #expect(try clinic.changes().isEmpty)
        try clinic.write(.submit([draft(1)]))
        #expect(try clinic.feedback().map(\.id.rawValue) == [1, 2])
    }

    @Test("enough feedback on a recommendation triggers a run", arguments: OrderEngine.all)
    func trigger(engine: OrderEngine) throws {
        let clinic = try OrderClinic(on: engine)
        // The imported one is not published either.
        #expect(try (1...3).map { _ in try clinic.write(.submit([draft(1)])).callsForRun } == [false, true, true])
    }

    @Test("followers receive the summary, and the patient their own counts", arguments: OrderEngine.all)
    func announcements(engine: OrderEngine) throws {
        let clinic = try OrderClinic(on: engine)
        try clinic.write(.submit([draft(1, 5)]))
        #expect(try clinic.write(.edit(submitted, judgement(5))).hasNews == false)
        let changes = try clinic.changes()
        #expect(changes.map(\.kind) == [.feedback, .effectiveness])
        guard case .feedback(let update)? = changes.first,
            case .ownEffectiveness(_, let old, let new)? = changes.last
        else {
            Issue.record("\(changes)")
            return
        }
        #expect((update.samples, update.ratingSum) == (2, 8))
        #expect(old?.all == WindowCounts.Count(samples: 1, successes: 0))
        #expect(new?.all == WindowCounts.Count(samples: 2, successes: 1))
        #expect(new?.days30 == new?.all && new?.days90 == new?.all)
    }

    @Test(
        "adding the same record again is no error, and another one under its number is", arguments: OrderEngine.all
    )
    func records(engine: OrderEngine) throws {
        let clinic = try OrderClinic(on: engine)
        let patient = Patient(id: PatientID(rawValue: 7), mizaj: .garmTar, sex: .female, birthYear: 1980)
        func add(_ patient: Patient) throws -> WriteReceipt {
            try clinic.write(.addPatients([NewRecord(id: patient.id, record: patient)]), by: .clinician)
        }
        #expect(try add(patient).refusals == nil)
        #expect(try add(patient).refusals == nil)
        var other = patient
        other.birthYear = 1981
        #expect(try add(other).refusals == [0: .taken("patient 7")])
        let orphan = Diagnosis(
            id: DiagnosisID(rawValue: 7), patient: PatientID(rawValue: 99), condition: "insomnia", symptoms: [],
            createdAt: Orders.noon)
        #expect(
            try clinic.write(.addDiagnoses([NewRecord(id: nil, record: orphan)]), by: .clinician).refusals
                == [0: .missing("patient 99")])
        let early = Recommendation(
            id: RecommendationID(rawValue: 7), diagnosis: DiagnosisID(rawValue: 1), herb: "mint",
            createdAt: instant("2025-01-01T00:00:00Z"))
        #expect(
            try clinic.write(.addRecommendations([NewRecord(id: nil, record: early)]), by: .clinician).refusals
                == [0: .tooEarly("is more than a year before its diagnosis was made")])
    }
}
