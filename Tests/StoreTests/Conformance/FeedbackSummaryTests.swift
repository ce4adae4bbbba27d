import Domain
import Store
import TestSupport
import Testing

extension TestClinic {
    /// A patient with recommendations of one herb for one condition, without feedback.
    static func sameTreatment(recommendations: Int = 1) -> Self {
        var clinic = Self()
        let patient = clinic.patient()
        for _ in 0..<recommendations {
            clinic.recommendation("saffron", for: "insomnia", to: patient, on: day("2026-10-01"))
        }
        return clinic
    }
}

/// What the feedback on a recommendation says in sum.
@Suite(.timeLimit(.minutes(30))) struct FeedbackSummaryTests {
    private let folder: TemporaryFolder
    private let rules = Orders.rules(editTime: 1_000_000_000)

    init() throws { folder = try TemporaryFolder() }

    private func summary(in database: any ClinicStore) throws -> FeedbackSummary {
        try #require(
            try database.readClinic { records, _ in try records.summary(of: RecommendationID(rawValue: 1)) })
    }

    @Test(
        "a side effect is displayed in the spelling of the lowest feedback that mentions it",
        arguments: StorageEngine.all)
    func spelling(engine: StorageEngine) throws {
        let database = try engine.open(in: folder)
        var clinic = TestClinic.sameTreatment()
        clinic.rate(RecommendationID(rawValue: 1), 3, on: day("2026-10-05"))
        try clinic.write(to: database)
        try database.write(
            .submit([draft(1, 4, effects: ["HEADACHE"]), draft(1, 4, effects: ["Headache", "headache"])]), by: .admin,
            rules: rules)
        #expect(try summary(in: database).sideEffects.map(\.name) == ["HEADACHE"])
        try database.write(.edit(FeedbackID(rawValue: 1), judgement(3, ["headachE"])), by: .admin, rules: rules)
        #expect(try summary(in: database).sideEffects.map(\.name) == ["headachE"])
        try database.write(.edit(FeedbackID(rawValue: 1), judgement(3, ["nausea"])), by: .admin, rules: rules)
        #expect(try summary(in: database).sideEffects.map(\.name) == ["HEADACHE", "nausea"])
        try database.write(.withdraw(FeedbackID(rawValue: 2)), by: .admin, rules: rules)
        #expect(try summary(in: database).sideEffects.map(\.name) == ["Headache", "nausea"])
        #expect(try summary(in: database).sideEffects.map(\.count) == [1, 1])
    }

    @Test(
        "the 50 most frequent side effects are listed, and all of them counted", arguments: StorageEngine.all,
        [false, true])
    func mostFrequent(engine: StorageEngine, isSummed: Bool) throws {
        let database = try engine.open(in: folder)
        var clinic = TestClinic.sameTreatment()
        for number in 0..<70 {
            clinic.rate(
                RecommendationID(rawValue: 1), 3, on: day("2026-10-05"),
                sideEffects: ["effect \(100 + number)"] + (number % 2 == 0 ? [] : ["effect \(100 + number - 1)"]))
        }
        try clinic.write(to: database)
        if isSummed {
            try database.write(.edit(FeedbackID(rawValue: 1), judgement(1, ["effect 100"])), by: .admin, rules: rules)
        }
        let summary = try summary(in: database)
        #expect(summary.sideEffectCount == 70)
        // Even ones are mentioned twice.
        let expected = (0..<35).map { "effect \(100 + 2 * $0)" } + (0..<15).map { "effect \(101 + 2 * $0)" }
        #expect(summary.sideEffects.map(\.name) == expected)
        #expect(summary.sideEffects.map(\.count) == Array(repeating: 2, count: 35) + Array(repeating: 1, count: 15))
    }
}
