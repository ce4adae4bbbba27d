import Analytics
import Domain
import Store
import Testing
import TestSupport

@Suite(.timeLimit(.minutes(30))) struct PruneTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// A run of the day after, as a night would have it.
    private func run(
        on database: any ClinicStore, asOf: Day, job: String = "nightly", status: RunStatus = .succeeded
    ) throws {
        let clinic = try database.clinic(asOf: asOf, in: .utc)
        var results = Results(asOf: asOf, herbs: clinic.herbs.termNames, conditions: clinic.conditions.termNames)
        results.effectiveness = Analytics.effectiveness(of: LinkedClinic(clinic), successRating: .defaultSuccess)
        let start = Instant(seconds: Int64(asOf.daysSinceEpoch + 1) * 86_400 + 8100)
        let run = try database.beginRun(
            RunStart(
                job: job, asOf: asOf, trigger: .schedule, startedAt: start, softwareVersion: "1", modelVersion: "m",
                settings: RunSettings()))
        if status == .succeeded { _ = try database.publish(results, of: clinic, run: run, at: start) }
        try database.noteDelivery(
            DeliveryKey(
                job: job, period: "\(asOf)", report: "r", language: .english, channel: .folder, recipient: "/out"),
            DeliveryState(status: .delivered, run: run, asOf: asOf, files: [], attempts: 1, notedAt: start))
        let stage = StageRecord(stage: .effectiveness, rowsRead: 1, rowsWritten: 1, seconds: 0, memory: 0)
        try database.finishRun(run, RunEnd(endedAt: start, status: status, error: nil, stages: [stage]))
    }

    @Test(arguments: StorageEngine.all) func takesWhatIsOldAndNothingElse(engine: StorageEngine) throws {
        let database = try engine.open(
            with: .random(3, patients: 20, recommendations: 60, feedback: 400, until: day("2026-10-20")), in: folder)
        try run(on: database, asOf: day("2026-09-01"), job: "monthly")
        for offset in 0..<20 { try run(on: database, asOf: day("2026-10-01") + offset) }
        try run(on: database, asOf: day("2026-10-02"), status: .failed)
        let (published, counts) = (
            try database.readPublished { try $0.tallies(at: .recommendation) }, try database.recordCounts()
        )
        let deltas = try database.outbox(after: 0, limit: .max, where: { _ in true }).deltas
        let pruned = try database.prune(before: day("2026-10-11"), in: .utc)
        // The run as of the 9th began on the 10th.
        #expect(pruned.runs == 9)
        // The failed run belongs to the same time as the one before, and has taken its place in the ledger.
        #expect(pruned.deliveries == 10)
        #expect(pruned.history > 0)
        #expect(pruned.deltas > 0)

        let runs = try database.runs(limit: 100)
        #expect(runs.count == 22 - 9)
        // What schedules are reckoned from stays, however old.
        #expect(try database.latestRun(of: "monthly")?.start.asOf == day("2026-09-01"))
        #expect(try database.latestRun(of: "nightly")?.status == .failed)
        #expect(runs.allSatisfy { $0.end?.stages.count == 1 })
        #expect(try database.deliveries(limit: 100).count == 21 - 10)
        let left = try database.outbox(after: 0, limit: .max, where: { _ in true }).deltas
        #expect(left.count == deltas.count - pruned.deltas)
        #expect(left == Array(deltas.suffix(left.count)))
        #expect(try database.readPublished { try $0.tallies(at: .recommendation) } == published)
        #expect(try database.recordCounts() == counts)
        #expect(try database.problem() == nil)
        // Once more, and there is nothing to take.
        #expect(try database.prune(before: day("2026-10-11"), in: .utc) == PruneCounts())
        // What comes after has numbers of its own: no follower takes it for one it has seen.
        try run(on: database, asOf: day("2026-10-01"))
        #expect(
            try database.outbox(after: 0, limit: .max, where: { _ in true }).deltas.last?.sequence ?? 0 > deltas.last?
                .sequence ?? 0)
        // Nor where all are old: the newest stays.
        let newest = try database.latestSequence()
        #expect(try database.prune(before: day("2030-01-01"), in: .utc).deltas > 0)
        #expect(try database.latestSequence() == newest)
        #expect(try database.outbox(after: 0, limit: .max, where: { _ in true }).deltas.last?.sequence == newest)
    }
}
