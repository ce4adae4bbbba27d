import Analytics
import Configuration
import Domain
import Foundation
import Pipeline
import Store
import StoreSQLite
import Synchronization
import TestSupport
import Testing

/// What new feedback touches, computed alone, is what a run of everything would publish.
@Suite(.timeLimit(.minutes(30))) struct TouchedResultsTests {
    private static let today = day("2026-10-20")
    private static let admin = Requester(subject: "admin", role: .admin, patient: nil)

    private struct Desk {
        let folder: TemporaryFolder
        let database: any ClinicStore
        let runner: JobRunner
        let live: IncrementalEngine
        let job: JobDefinition
        let clock = Clock()

        init(_ clinic: TestClinic) throws {
            folder = try TemporaryFolder()
            database = try openDatabase(at: folder.path("clinic.db"), create: true)
            try clinic.write(to: database)
            let settings = Settings()
            let clock = clock
            let now: @Sendable () -> Instant = { clock.now }
            runner = JobRunner(database: database, settings: settings, softwareVersion: "0", now: now)
            live = IncrementalEngine(database, settings: settings, now: now)
            // Without a timeout: beside other tests a run may wait long for its turn.
            job = try JobDefinition(
                Definition(text: "stages: [effectiveness, trends, cohorts, scores]\nas_of: today", file: "job.yaml"),
                name: "feedback")
        }

        func write(_ change: RecordChange) throws {
            let order = WriteOrder(
                requester: admin, request: "r", idempotency: nil, change: change, allowsParts: true
            ) { _ in WriteAnswer(status: 201, body: "") }
            _ = try database.write(
                [order],
                rules: WriteRules(
                    editTime: .max / 2_000_000, feedbackTrigger: 5, feedbackPerDay: 1000, timezone: .utc,
                    successRating: .defaultSuccess),
                at: Instant(microseconds: clock.now.microseconds - 3_600_000_000))
        }

        /// Everything that is published.
        func published() throws -> Published {
            try database.readPublished { results in
                Published(
                    tallies: try Level.allCases.map { try results.tallies(at: $0) }, priors: try results.priors(),
                    trends: try Level.allCases.map { try results.trends(at: $0) }, cohorts: try results.cohorts(),
                    predictions: try results.predictions(), told: try results.publishedPredictions().predictions,
                    evidence: try results.publishedPredictions().evidence, herbs: try results.names().herbs,
                    conditions: try results.names().conditions)
            }
        }
    }

    private final class Clock: Sendable {
        private let instant = Mutex(TestSupport.instant("2026-10-20T12:00:00Z"))

        var now: Instant { instant.withLock { $0 } }
        func passDay() { instant.withLock { $0 = Instant(microseconds: $0.microseconds + 86_400_000_000) } }
    }

    private struct Published: Equatable {
        var tallies: [Keyed<Subject, WindowTallies>]
        var priors: [Level: [Window: Prior]]
        var trends: [Keyed<Subject, Trend>]
        var cohorts: Keyed<Subject, Cohort>
        var predictions: Keyed<RecommendationID, Prediction>
        var told: Keyed<RecommendationID, PublishedPrediction>
        var evidence: Keyed<Subject, HistoricalEvidence>
        var herbs: TermNames
        var conditions: TermNames
    }

    @Test(arguments: 1...12)
    func touchedEqualsEverything(seed: Int) async throws {
        var random = TestRandom(seed)
        let clinic = TestClinic.random(
            seed, patients: [30, 150][seed % 2], recommendations: 250, feedback: [40, 700][seed % 3 % 2],
            until: Self.today)
        let desk = try Desk(clinic)
        _ = try await desk.runner.run(desk.job, asOf: Self.today, trigger: .manual)
        if seed % 3 > 0 { try await desk.live.prepare() }
        var feedback = clinic.feedback.count
        var (patients, diagnoses, recommendations) = (30, clinic.diagnoses.count, clinic.recommendations.count)
        for round in 0..<12 {
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                switch Int.random(in: 0..<10, using: &random) {
                case 0 where feedback > 0:
                    try desk.write(
                        .withdraw(FeedbackID(rawValue: .random(in: 1...Int64(feedback), using: &random))))
                case 1 where feedback > 0:
                    try desk.write(
                        .edit(
                            FeedbackID(rawValue: .random(in: 1...Int64(feedback), using: &random)),
                            judgement(.random(in: 1...5, using: &random))))
                case 2:
                    try desk.write(
                        .addPatients([
                            .init(
                                id: nil,
                                record: Patient(id: .init(rawValue: 0), mizaj: .motadel, sex: .female, birthYear: 1980))
                        ]))
                    patients += 1
                case 3:
                    let made = Self.today - Int.random(in: 0...150, using: &random)
                    try desk.write(
                        .addDiagnoses([
                            .init(
                                id: nil,
                                record: Diagnosis(
                                    id: .init(rawValue: 0),
                                    patient: .init(rawValue: .random(in: 1...Int64(patients), using: &random)),
                                    condition: "c\(Int.random(in: 0..<5, using: &random))",
                                    symptoms: ["s\(Int.random(in: 0..<12, using: &random))"],
                                    createdAt: Instant(seconds: Int64(made.daysSinceEpoch) * 86_400 + 3600)))
                        ]))
                    diagnoses += 1
                case 4:
                    try desk.write(
                        .addRecommendations([
                            .init(
                                id: nil,
                                record: Recommendation(
                                    id: .init(rawValue: 0),
                                    diagnosis: .init(rawValue: .random(in: 1...Int64(diagnoses), using: &random)),
                                    herb: "herb \(Int.random(in: 0..<5, using: &random))",
                                    createdAt: instant("2026-10-19T11:00:00Z")))
                        ]))
                    recommendations += 1
                default:
                    try desk.write(
                        .submit([
                            FeedbackDraft(
                                recommendation: .init(
                                    rawValue: .random(in: 1...Int64(recommendations), using: &random)),
                                judgement: judgement(.random(in: 1...5, using: &random)))
                        ]))
                    feedback += 1
                }
            }
            #expect(try await desk.runner.publishTouched(of: desk.job, from: desk.live, wait: .seconds(60)))
            // What it published itself it goes on from as well as from what a run did.
            if Bool.random(using: &random) { continue }
            let touched = try desk.published()
            let told = try desk.database.outbox(after: 0, limit: .max) { _ in true }.deltas.count
            _ = try await desk.runner.run(desk.job, asOf: Self.today, trigger: .manual)
            let everything = try desk.published()
            #expect(touched == everything, "seed \(seed), round \(round)")
            #expect(try desk.database.outbox(after: 0, limit: .max) { _ in true }.deltas.count == told)
            guard touched == everything else { return }
            let asked = try await desk.live.predictions(of: Array(Set(everything.predictions.values.map(\.diagnosis))))
            let all = asked.values.joined().map { ($0.place.recommendation, $0.place.prediction) }
            #expect(
                Dictionary(uniqueKeysWithValues: all)
                    == Dictionary(uniqueKeysWithValues: zip(everything.predictions.keys, everything.predictions.values))
            )
        }
    }

    @Test func onTheNextDayItIsReadAnew() async throws {
        let desk = try Desk(
            .random(4, patients: 100, recommendations: 200, feedback: 600, until: Self.today))
        _ = try await desk.runner.run(desk.job, asOf: Self.today, trigger: .manual)
        try await desk.live.prepare()
        desk.clock.passDay()
        // What is published is of the day before, so that all is to be computed.
        #expect(try await !desk.runner.publishTouched(of: desk.job, from: desk.live, wait: .seconds(60)))
        _ = try await desk.runner.run(desk.job, asOf: Self.today + 1, trigger: .manual)
        for number in 1...5 as ClosedRange<Int64> {
            try desk.write(
                .submit([FeedbackDraft(recommendation: .init(rawValue: number * 17), judgement: judgement(5))]))
        }
        #expect(try await desk.runner.publishTouched(of: desk.job, from: desk.live, wait: .seconds(60)))
        let touched = try desk.published()
        _ = try await desk.runner.run(desk.job, asOf: Self.today + 1, trigger: .manual)
        #expect(try desk.published() == touched)
    }

    private func judgement(_ rating: Int) -> Judgement {
        Judgement(
            rating: Rating(rating) ?? .defaultSuccess, improvement: nil, compliance: Compliance(0.5), sideEffects: [],
            comment: nil)
    }
}
