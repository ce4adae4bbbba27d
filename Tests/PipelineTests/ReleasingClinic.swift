import Configuration
import Domain
import Foundation
import Store
import StoreSQLite
import TestSupport
import Testing

@testable import Pipeline

/// A clinic in which many patients rate saffron for insomnia each month, and what runs release of it.
struct ReleasingClinic {
    let folder: TemporaryFolder
    let database: any ClinicStore
    var settings = Settings()
    static let computing = "stages: [effectiveness, trends, cohorts, scores]"

    /// A clinic whose releases begin with September 2026. With ε = 10 nearly all noise is 0, and 4 patients make a subject public.
    init() throws {
        folder = try TemporaryFolder()
        database = try openDatabase(at: folder.path("clinic.db"), create: true)
        settings.releases.firstMonth = CalendarMonth("2026-09")
        settings.releases.epsilon = try #require(PrivacyLoss(thousandths: 10_000))
        try Self.records().write(to: database)
    }

    /// The records, with some that are of September and October and come late.
    static func records(late: Int = 0) -> TestClinic {
        var clinic = TestClinic()
        for (on, count) in [("2026-09-05", 40), ("2026-10-05", 40), ("2026-09-29", late), ("2026-10-12", late)] {
            for number in 0..<count {
                clinic.rate(
                    clinic.recommendation("saffron", for: "insomnia", to: clinic.patient(), on: day("2026-08-31")),
                    number % 2 == 0 ? 5 : 1, on: day(on))
            }
        }
        return clinic
    }

    var ledger: ReleaseLedger {
        get throws { ReleaseLedger(of: settings.releases, beside: database) }
    }

    /// The bytes of the ledger; empty where there is none.
    var ledgerText: String {
        get throws { try String(decoding: Data(contentsOf: URL(filePath: ledger.path)), as: UTF8.self) }
    }

    /// Runs a job of all stages.
    ///
    /// - Returns: the months that are in the ledger then.
    @discardableResult
    func run(
        _ yaml: String = computing, asOf: String, at clock: String? = nil, only: [Stage]? = nil,
        trigger: RunTrigger = .schedule, on database: (any ClinicStore)? = nil, problem: RunError? = nil
    ) async throws -> [String] {
        let job = try JobDefinition(Definition(text: yaml, file: "j.yaml"), name: "j")
        let now = (clock ?? asOf).count == 10 ? instant("\(clock ?? asOf)T02:15:00Z") : instant(clock ?? asOf)
        let summary = try await JobRunner(
            database: database ?? self.database, settings: settings, softwareVersion: "1", now: { now }
        ).run(job, asOf: day(asOf), only: only, trigger: trigger)
        #expect(summary.problem == problem)
        return try months()
    }

    /// The months that are in the ledger.
    func months() throws -> [String] { try ledger.read()?.months.map(\.released.month.description) ?? [] }

    /// Patients of all months in the ledger, with the little noise of ε = 10.
    func patients() throws -> Int {
        try ledger.read()?.months.reduce(0) { $0 + ($1.released.cells[.overall]?.total ?? 0) } ?? 0
    }
}
