import Domain
import Store
import TestSupport
import Testing

/// Patients are told at once how their own feedback changed the effectiveness, whatever runs publish.
@Suite(.timeLimit(.minutes(30))) struct OwnEffectivenessTests {
    private let folder: TemporaryFolder
    private let zone: ClinicTimeZone
    private static let clinic = TestClinic.random(
        3, patients: 3, recommendations: 6, feedback: 80, until: day("2026-10-20"))
    private let now = instant("2026-10-20T12:00:00Z")
    private var own: OwnFigures { OwnFigures(timezone: zone, successRating: .defaultSuccess) }

    init() throws {
        zone = try #require(ClinicTimeZone(identifier: "Asia/Tehran"))
        folder = try TemporaryFolder()
    }

    private func write(_ change: RecordChange, to database: any ClinicStore) throws {
        let receipt = try database.write(
            change, by: .admin, at: now, rules: Orders.rules(editTime: 400 * 86_400, zone: zone))
        #expect(receipt.refusals == nil)
    }

    /// The counts as a full read of the records gives them.
    private func counts(in database: any ClinicStore) throws -> [RecommendationID: WindowCounts] {
        try database.readClinic { records, _ in
            var counts: [RecommendationID: WindowCounts] = [:]
            for recommendation in try records.recommendations(after: nil, limit: 100) {
                counts[recommendation.id] = WindowCounts(
                    ofCasesIn: own.tallies(of: try records.feedback(on: recommendation.id), asOf: own.day(of: now)))
            }
            return counts
        }
    }

    @Test("each message has the counts before and after, after any mix of changes", arguments: StorageEngine.all, 1...6)
    func messages(engine: StorageEngine, seed: Int) throws {
        let database = try engine.open(with: Self.clinic, in: folder)
        var random = TestRandom(seed)
        var messages = 0
        for _ in 0..<60 {
            let before = try counts(in: database)
            let last = try database.latestSequence()
            let known = try database.readClinic { records, _ in
                try (1...6).flatMap { try records.feedback(on: RecommendationID(rawValue: $0)) }.map(\.id).sorted()
            }
            let id = known.randomElement(using: &random) ?? FeedbackID(rawValue: 1)
            let stars = Int.random(in: 1...5, using: &random)
            let drafts = (0..<Int.random(in: 1...3, using: &random)).map { _ in
                draft(Int64.random(in: 1...6, using: &random), Int.random(in: 1...5, using: &random))
            }
            switch Int.random(in: 0..<3, using: &random) {
            case 0: try write(.submit(drafts), to: database)
            case 1: try write(.edit(id, judgement(stars)), to: database)
            default: try write(.withdraw(id), to: database)
            }
            let after = try counts(in: database)
            var told: [RecommendationID: (old: WindowCounts?, new: WindowCounts?)] = [:]
            for delta in try database.outbox(after: last, limit: 100, where: { _ in true }).deltas {
                guard case .ownEffectiveness(let recommendation, let old, let new) = delta.change else { continue }
                told[recommendation] = (old, new)
                messages += 1
            }
            for recommendation in (1...6).map({ RecommendationID(rawValue: $0) }) {
                let (old, new) = (before[recommendation], after[recommendation])
                if old == new {
                    #expect(told[recommendation] == nil)
                } else {
                    #expect(told[recommendation]?.old == old && told[recommendation]?.new == new, "seed \(seed)")
                }
            }
        }
        #expect(messages > 20)
    }

    @Test(
        "the state for a patient has the counts of now, and that for staff the published ones",
        arguments: StorageEngine.all)
    func states(engine: StorageEngine) throws {
        let database = try engine.open(with: Self.clinic, in: folder)
        try write(.submit([draft(1, 5)]), to: database)
        let counts = try counts(in: database)
        for diagnosis in (1...6).map({ DiagnosisID(rawValue: $0) }) {
            func state(_ audience: Delta.Audience) throws -> DiagnosisState? {
                try database.missed(
                    of: diagnosis, for: audience, after: .max, upTo: nil, limit: 5, bytes: 100, own: own, at: now
                ).state
            }
            let recommendations = try database.readClinic { records, _ in
                try records.recommendations(of: diagnosis).map(\.id)
            }
            let expected = counts.filter { recommendations.contains($0.key) }
            #expect(try state(.patient) == DiagnosisState(effectiveness: expected, ranking: .coarse([])))
            #expect(try state(.staff) == DiagnosisState(effectiveness: [:], ranking: .exact([])))
        }
    }
}
