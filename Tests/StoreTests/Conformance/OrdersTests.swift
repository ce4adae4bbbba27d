import Domain
import Store
import TestSupport
import Testing

/// What is written through the API: by whom it may be, as a whole, and announced.
@Suite(.timeLimit(.minutes(30))) struct OrdersTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    // MARK: All or nothing

    @Test(arguments: StorageEngine.all) func oneThatIsRefusedRefusesAll(engine: StorageEngine) throws {
        let database = try engine.open(with: Orders.clinic, in: folder)
        let receipt = try database.write(.submit([draft(1), draft(2), draft(1)]))
        #expect(receipt.refusals == [1: .missing("recommendation 2")])
        #expect(try database.recordCounts().feedback == 1)
        #expect(try database.orderEntries() == 0)
        #expect(try database.deltas().isEmpty)
        // What was undone is not remembered: the next stands as if the other had never been.
        try database.write(.submit([draft(1, 5, effects: ["headache"])]))
        #expect(try database.auditReport(against: nil).problems == [])
    }

    @Test(arguments: StorageEngine.all) func partsAreWrittenWhereTheyMayBe(engine: StorageEngine) throws {
        let database = try engine.open(with: Orders.clinic, in: folder)
        let receipt = try database.write(.submit([draft(1), draft(2), draft(1)]), parts: true)
        #expect(receipt.isRepeated == false)
        #expect(try database.recordCounts().feedback == 3)
    }

    @Test(arguments: StorageEngine.all) func ordersOfOneTransactionStandByThemselves(engine: StorageEngine) throws {
        let database = try engine.open(with: Orders.clinic, in: folder)
        let orders = [1, 2, 1].map { WriteOrder(.submit([draft($0)]), by: .owner) }
        let receipts = try database.write(orders, rules: Orders.rules(trigger: 2), at: Orders.noon)
        #expect(receipts.map { $0.refusals != nil } == [false, true, false])
        #expect(receipts.map(\.callsForRun) == [true, false, true])
        #expect(try database.recordCounts().feedback == 3)
        #expect(try database.orderEntries() == 2)
    }

    // MARK: Ownership

    @Test(arguments: StorageEngine.all) func nobodyLearnsOfWhatIsOfOthers(engine: StorageEngine) throws {
        let database = try engine.open(with: Orders.clinic, in: folder)
        #expect(try database.write(.submit([draft(1)]), by: .stranger).refusals == [0: .missing("recommendation 1")])
        #expect(try database.write(.submit([draft(99)]), by: .stranger).refusals == [0: .missing("recommendation 99")])
        try database.write(.submit([draft(1)]))
        let feedback = FeedbackID(rawValue: 2)
        #expect(
            try database.write(.edit(feedback, judgement(1)), by: .stranger).refusals == [0: .missing("feedback 2")])
        #expect(try database.write(.withdraw(feedback), by: .stranger).refusals == [0: .missing("feedback 2")])
    }

    @Test(arguments: StorageEngine.all) func onlyTheAuthorAndAdminsChangeIt(engine: StorageEngine) throws {
        let database = try engine.open(with: Orders.clinic, in: folder)
        try database.write(.submit([draft(1)]))
        let feedback = FeedbackID(rawValue: 2)
        #expect(try database.write(.edit(feedback, judgement(1)), by: .clinician).refusals == [0: .notTheAuthor])
        #expect(try database.write(.edit(feedback, judgement(1)), by: .owner).refusals == nil)
        #expect(try database.write(.edit(feedback, judgement(2)), by: .admin).refusals == nil)
        #expect(try database.readClinic { records, _ in try records.feedback(feedback)?.rating } == Rating(2))
        #expect(try database.write(.withdraw(feedback), by: .owner).refusals == nil)
        #expect(try database.write(.withdraw(feedback), by: .owner).refusals == [0: .missing("feedback 2")])
        #expect(try database.write(.edit(feedback, judgement(5)), by: .admin).refusals == [0: .missing("feedback 2")])
    }

    @Test(arguments: StorageEngine.all) func whatAClinicianGaveIsTheirsToChange(engine: StorageEngine) throws {
        let database = try engine.open(with: Orders.clinic, in: folder)
        try database.write(.submit([draft(1)]), by: .clinician)
        #expect(
            try database.write(.edit(FeedbackID(rawValue: 2), judgement(1)), by: .owner).refusals == [0: .notTheAuthor])
        #expect(try database.write(.edit(FeedbackID(rawValue: 2), judgement(1)), by: .clinician).refusals == nil)
    }

    @Test(arguments: StorageEngine.all) func theAuthorOfWhatWasImportedIsThePatient(engine: StorageEngine) throws {
        let database = try engine.open(with: Orders.clinic, in: folder)
        #expect(
            try database.write(.edit(FeedbackID(rawValue: 1), judgement(5)), by: .clinician).refusals == [
                0: .notTheAuthor
            ])
        #expect(try database.write(.edit(FeedbackID(rawValue: 1), judgement(5)), by: .owner).refusals == nil)
    }

    @Test(arguments: StorageEngine.all) func theTimeForChangesEnds(engine: StorageEngine) throws {
        let database = try engine.open(with: Orders.clinic, in: folder)
        try database.write(.submit([draft(1)]))
        let feedback = FeedbackID(rawValue: 2)
        let end = Instant(seconds: Orders.noon.seconds + 3600)
        #expect(try database.write(.edit(feedback, judgement(1)), at: end).refusals == nil)
        let late = Instant(microseconds: end.microseconds + 1)
        #expect(try database.write(.edit(feedback, judgement(2)), at: late).refusals == [0: .tooLate(3600)])
        #expect(try database.write(.withdraw(feedback), by: .admin, at: late).refusals == [0: .tooLate(3600)])
    }

    // MARK: Records

    @Test(arguments: StorageEngine.all) func recordsGetTheNumberTheyBringOrTheNext(engine: StorageEngine) throws {
        let database = try engine.open(with: Orders.clinic, in: folder)
        try database.write(.addPatients([newPatient(), newPatient(50), newPatient()]), by: .admin)
        let ids = try database.readClinic { records, _ in
            try records.patients(after: nil, limit: 10).map(\.id.rawValue)
        }
        #expect(ids == [1, 2, 3, 50, 51])
        // The same again is as it was asked to be; something else under the number is not.
        #expect(try database.write(.addPatients([newPatient(50)]), by: .admin).refusals == nil)
        #expect(
            try database.write(.addPatients([newPatient(50, born: 1980)]), by: .admin).refusals == [
                0: .taken("patient 50")
            ])
        #expect(try database.orderEntries() == 3)
    }

    @Test(arguments: StorageEngine.all) func whatARecordRefersToMustBeThere(engine: StorageEngine) throws {
        let database = try engine.open(with: Orders.clinic, in: folder)
        let new = NewRecord(
            id: nil,
            record: Recommendation(
                id: .init(rawValue: 0), diagnosis: .init(rawValue: 77), herb: "mint", createdAt: Orders.noon))
        #expect(try database.write(.addRecommendations([new]), by: .admin).refusals == [0: .missing("diagnosis 77")])
    }

    // MARK: Followers

    @Test(arguments: StorageEngine.all) func followersAreToldHowFeedbackStands(engine: StorageEngine) throws {
        let database = try engine.open(with: Orders.clinic, in: folder)
        try database.write(
            .submit([draft(1, 5, effects: ["Headache", "nausea"]), draft(1, 4, effects: ["headache"])]))
        let page = try database.outbox(after: 0, limit: 10) { _ in true }
        #expect(page.deltas.map(\.change.kind) == [.feedback, .effectiveness])
        #expect(page.deltas.map(\.change.audience) == [nil, .patient])
        let update = FeedbackUpdate(
            recommendation: RecommendationID(rawValue: 1), samples: 3, ratingSum: 12, improvements: 0,
            improvementSum: 0,
            sideEffects: [
                FeedbackUpdate.SideEffect(name: "Headache", count: 2),
                FeedbackUpdate.SideEffect(name: "nausea", count: 1),
            ],
            sideEffectCount: 2)
        #expect(page.deltas.first?.change == .feedback(update))
    }

    @Test(arguments: StorageEngine.all) func everyFifthCallsForARun(engine: StorageEngine) throws {
        let database = try engine.open(with: Orders.clinic, in: folder)
        // The imported one is not published either.
        let calls = try (1...6).map { _ in try database.write(.submit([draft(1)])).callsForRun }
        #expect(calls == [false, false, false, true, true, true])
    }

    @Test(arguments: StorageEngine.all) func listsThatBeginWithWhatJoinsStayLists(engine: StorageEngine) throws {
        let database = try engine.open(with: Orders.clinic, in: folder)
        // A skin tone, which text treats as a part of the character before it.
        let effects = ["headache", "\u{1F3FB}tone"]
        try database.write(.submit([draft(1, 5, effects: effects)]))
        #expect(
            try database.readClinic { records, _ in try records.feedback(.init(rawValue: 2))?.sideEffects } == effects)
    }
}
