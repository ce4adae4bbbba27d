import Domain
import Store
import TestSupport
import Testing

/// A recommendation takes so many feedback on one day of the clinic.
@Suite(.timeLimit(.minutes(30))) struct DailyLimitTests {
    private let folder: TemporaryFolder
    private let rules = Orders.rules(perDay: 3)

    init() throws { folder = try TemporaryFolder() }

    private func tooMany(after seconds: Int64, of recommendation: Int64 = 1) -> WriteRefusal {
        .tooMany(RecommendationID(rawValue: recommendation), limit: 3, retryAfter: seconds)
    }

    /// The recommendation has one feedback of the day already, which was imported.
    @Test(arguments: StorageEngine.all) func aDayTakesSoManyOnARecommendation(engine: StorageEngine) throws {
        let database = try engine.open(with: Orders.clinic, in: folder)
        for _ in 1...2 { #expect(try database.write(.submit([draft(1)]), rules: rules).refusals == nil) }
        #expect(try database.write(.submit([draft(1)]), rules: rules).refusals == [0: tooMany(after: 43_200)])
        #expect(try database.recordCounts().feedback == 3)
        #expect(try database.orderEntries() == 2)
        #expect(try database.write(.submit([draft(2)]), by: .stranger, rules: rules).refusals == nil)
        let tomorrow = instant("2026-10-21T00:00:00Z")
        #expect(try database.write(.submit([draft(1)]), at: tomorrow, rules: rules).refusals == nil)
    }

    @Test(arguments: StorageEngine.all) func withdrawnFeedbackCounts(engine: StorageEngine) throws {
        let database = try engine.open(with: Orders.clinic, in: folder)
        try database.write(.submit([draft(1), draft(1)]), rules: rules)
        for feedback in 2...3 { try database.write(.withdraw(FeedbackID(rawValue: Int64(feedback)))) }
        #expect(try database.write(.submit([draft(1)]), rules: rules).refusals == [0: tooMany(after: 43_200)])
    }

    @Test(arguments: StorageEngine.all) func aBatchCountsWithinItself(engine: StorageEngine) throws {
        let database = try engine.open(with: Orders.clinic, in: folder)
        let drafts = [draft(1), draft(1), draft(1), draft(1)]
        let refused = try database.write(.submit(drafts), rules: rules)
        #expect(refused.refusals == [2: tooMany(after: 43_200), 3: tooMany(after: 43_200)])
        #expect(try database.recordCounts().feedback == 1)
        let parts = try database.write(.submit(drafts), parts: true, rules: rules)
        #expect(parts.isRepeated == false)
        #expect(try database.recordCounts().feedback == 3)
    }

    @Test(arguments: StorageEngine.all) func aDayIsThatOfTheClinic(engine: StorageEngine) throws {
        let database = try engine.open(with: Orders.clinic, in: folder)
        let zone = try #require(ClinicTimeZone(identifier: "Asia/Tehran"))
        let rules = Orders.rules(perDay: 3, zone: zone)
        // Midnight in Tehran is at 20:30 UTC; what is left of the second counts as a whole one.
        for _ in 1...2 { try database.write(.submit([draft(1)]), at: Orders.noon, rules: rules) }
        let eve = Instant(microseconds: instant("2026-10-20T20:29:59Z").microseconds + 300_000)
        #expect(try database.write(.submit([draft(1)]), at: eve, rules: rules).refusals == [0: tooMany(after: 1)])
        let midnight = instant("2026-10-20T20:30:00Z")
        #expect(
            try database.write(.submit([draft(1)]), at: midnight, rules: rules).refusals == nil)
    }

    @Test(arguments: StorageEngine.all, Role.allCases) func servicesAndAdminsAreNotLimited(
        engine: StorageEngine, role: Role
    ) throws {
        let database = try engine.open(with: Orders.clinic, in: folder)
        let requester = Requester(subject: "s", role: role, patient: role == .patient ? PatientID(rawValue: 1) : nil)
        try database.write(.submit([draft(1), draft(1)]), rules: rules)
        let isLimited = role == .patient || role == .clinician
        let receipt = try database.write(.submit([draft(1)]), by: requester, rules: rules)
        #expect(receipt.refusals == (isLimited ? [0: tooMany(after: 43_200)] : nil))
    }
}
