import Analytics
import Configuration
import Domain
import Foundation
import Logging
import Pipeline
import Statistics
import Store
import StoreSQLite
import TestSupport
import Testing

@testable import Web

/// A clinic with months of feedback, whose public answers can be asked for in process.
struct PublicClinic {
    let folder: TemporaryFolder
    var database: any ClinicStore
    var settings = Settings()
    private var random: TestRandom
    private var feedback = 0
    private let recommendations: Int
    private let job: JobDefinition

    static let herbs = ["saffron", "mint", "fennel"]
    static let conditions = ["insomnia", "bloating"]

    /// A clinic of 200 patients whose releases begin with September 2026. With ε = 10 nearly all noise is 0.
    init(_ seed: Int, epsilon: Int = 10_000) throws {
        random = TestRandom(seed)
        folder = try TemporaryFolder()
        database = try openDatabase(at: folder.path("clinic.db"), create: true)
        settings.releases.firstMonth = CalendarMonth("2026-09")
        settings.releases.epsilon = try #require(PrivacyLoss(thousandths: epsilon))
        settings.releases.minimum = 11
        // Without a timeout: beside other tests a run may wait long for its turn.
        job = try JobDefinition(
            Definition(text: "stages: [effectiveness, trends, cohorts, scores]\nas_of: today", file: "job.yaml"),
            name: "nightly")
        var clinic = TestClinic()
        for _ in 0..<200 {
            // Few take fennel.
            let herb = Self.herbs[[0, 0, 0, 1, 1, 1, 1, 2].randomElement(using: &random) ?? 0]
            let condition = Self.conditions[[0, 0, 1].randomElement(using: &random) ?? 0]
            clinic.recommendation(herb, for: condition, to: clinic.patient(), on: day("2026-08-31"))
        }
        recommendations = clinic.recommendations.count
        try clinic.write(to: database)
    }

    // MARK: What happens

    /// A day's feedback.
    mutating func live(_ today: Day, feedback count: Int = 20) throws {
        for _ in 0..<count {
            try submit(on: .init(rawValue: .random(in: 1...Int64(recommendations), using: &random)), today)
        }
    }

    mutating func submit(on recommendation: RecommendationID, _ today: Day) throws {
        let stars = [1, 2, 3, 4, 4, 5, 5, 5].randomElement(using: &random) ?? 5
        try write(.submit([FeedbackDraft(recommendation: recommendation, judgement: judgement(stars))]), today)
        feedback += 1
    }

    func judgement(_ stars: Int, comment: String? = nil) -> Judgement {
        Judgement(
            rating: Rating(stars) ?? .defaultSuccess, improvement: nil, compliance: nil, sideEffects: [],
            comment: comment)
    }

    /// All feedback that was ever given.
    var allFeedback: [FeedbackID] { (1...Int64(max(feedback, 1))).map { FeedbackID(rawValue: $0) } }

    func write(_ change: RecordChange, _ today: Day) throws {
        let order = WriteOrder(
            requester: Requester(subject: "a", role: .admin, patient: nil), request: "r", idempotency: nil,
            change: change
        ) { _ in WriteAnswer(status: 201, body: "") }
        _ = try database.write(
            [order],
            rules: WriteRules(
                editTime: 900 * 86_400, feedbackTrigger: 5, feedbackPerDay: 1000, timezone: .utc,
                successRating: .defaultSuccess),
            at: Instant(seconds: Int64(today.daysSinceEpoch) * 86_400 + 43_200))
    }

    func run(_ today: Day, trigger: RunTrigger = .schedule) async throws {
        let summary = try await JobRunner(database: database, settings: settings, softwareVersion: "0") {
            Instant(seconds: Int64(today.daysSinceEpoch) * 86_400 + 80_000)
        }.run(job, asOf: today, trigger: trigger)
        #expect(summary.problem == nil)
    }

    /// Feedback of September, and the run that releases it.
    mutating func release() async throws {
        for offset in 0..<10 { try live(day("2026-09-01") + 3 * offset) }
        try await run(day("2026-10-08"))
    }

    // MARK: What anybody sees

    /// The bytes of the ledger.
    var ledger: Data {
        get throws {
            let ledger = ReleaseLedger(of: settings.releases, beside: database)
            return try Data(contentsOf: URL(filePath: ledger.path))
        }
    }

    func figures() throws -> PublicFigures {
        try ReleasedFigureCache(settings, beside: database, logger: Logger(label: "t"))
            .figures(noted: database.notedReleases())
    }

    /// The answers to all questions that anybody may ask.
    func answers() throws -> [String] {
        let figures = try figures()
        var questions: [PublicQuestion] = [.overall]
        for name in Self.herbs + ["unknown"] { questions.append(.named(.herb, name)) }
        for name in Self.conditions + ["unknown"] {
            questions += [.named(.condition, name), .treatments(ofCondition: name)]
        }
        let page = FigureQuestion.Page(limit: 100, start: 0)
        for level in PublishedFigures.levels {
            questions += ReleasedWindow.allCases.map { .list(level, $0, page) }
        }
        return questions.map { PublicAnswer.figures($0, figures).answer.body }
            + [PublicAnswer.status(modelVersion: "m", figures).answer.body]
    }
}
