import Domain
import TestSupport
import Testing

@testable import Store
@testable import StoreSQLite

/// Patients are told at once how their own feedback changed the effectiveness, whatever runs publish.
@Suite(.timeLimit(.minutes(30))) struct OwnEffectivenessTests {
    private let folder: TemporaryFolder
    private let database: SQLiteDatabase
    private let zone: ClinicTimeZone
    private let now = instant("2026-10-20T12:00:00Z")
    private var own: OwnFigures { OwnFigures(timezone: zone, successRating: .defaultSuccess) }

    init() throws {
        zone = try #require(ClinicTimeZone(identifier: "Asia/Tehran"))
        folder = try TemporaryFolder()
        database = try SQLiteDatabase(path: folder.path("clinic.db"), create: true)
        try TestClinic.random(3, patients: 3, recommendations: 6, feedback: 80, until: day("2026-10-20")).write(
            to: database)
    }

    private func write(_ change: RecordChange) throws {
        let order = WriteOrder(
            requester: Requester(subject: "a", role: .admin, patient: nil), request: "r", idempotency: nil,
            change: change
        ) { _ in WriteAnswer(status: 201, body: "") }
        let receipts = try database.write(
            [order],
            rules: WriteRules(
                editTime: 400 * 86_400, feedbackTrigger: 5, feedbackPerDay: 1000, timezone: zone,
                successRating: .defaultSuccess), at: now)
        guard case .written = receipts[0].end else {
            Issue.record("\(receipts[0].end)")
            return
        }
    }

    private func judgement(_ stars: Int) throws -> Judgement {
        Judgement(rating: try #require(Rating(stars)), improvement: nil, compliance: nil, sideEffects: [], comment: nil)
    }

    /// The counts as a full read of the records gives them.
    private func counts() throws -> [RecommendationID: WindowCounts] {
        try database.readClinic { records, _ in
            var counts: [RecommendationID: WindowCounts] = [:]
            for recommendation in try records.recommendations(after: nil, limit: 100) {
                counts[recommendation.id] = WindowCounts(
                    ofCasesIn: own.tallies(of: try records.feedback(on: recommendation.id), asOf: own.day(of: now)))
            }
            return counts
        }
    }

    @Test("each message has the counts before and after, after any mix of changes", arguments: 1...6)
    func messages(seed: Int) throws {
        var random = TestRandom(seed)
        var messages = 0
        for _ in 0..<60 {
            let before = try counts()
            let last = try database.latestSequence()
            let known = try database.read { db in
                try Int64.fetchAll(db, sql: "SELECT feedback_id FROM feedback WHERE deleted_at IS NULL")
            }
            let id = FeedbackID(rawValue: known.randomElement(using: &random) ?? 1)
            let stars = Int.random(in: 1...5, using: &random)
            let drafts = try (0..<Int.random(in: 1...3, using: &random)).map { _ in
                try FeedbackDraft(
                    recommendation: RecommendationID(rawValue: Int64.random(in: 1...6, using: &random)),
                    judgement: judgement(Int.random(in: 1...5, using: &random)))
            }
            switch Int.random(in: 0..<3, using: &random) {
            case 0: try write(.submit(drafts))
            case 1: try write(.edit(id, try judgement(stars)))
            default: try write(.withdraw(id))
            }
            let after = try counts()
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

    @Test("the state for a patient has the counts of now, and that for staff the published ones")
    func states() throws {
        try write(.submit([FeedbackDraft(recommendation: RecommendationID(rawValue: 1), judgement: try judgement(5))]))
        let counts = try counts()
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
