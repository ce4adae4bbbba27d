import Configuration
import Domain
import Foundation
import Store
import StoreSQLite
import Synchronization
import Testing
import TestSupport

@testable import Pipeline

@Suite(.timeLimit(.minutes(30))) struct JobRunnerTests {
    private let folder: TemporaryFolder
    private let database: any ClinicStore
    private let last = day("2026-10-20")

    init() throws {
        folder = try TemporaryFolder()
        database = try openDatabase(at: folder.path("clinic.db"), create: true)
        try TestClinic.random(2, patients: 30, recommendations: 90, feedback: 600, until: last).write(to: database)
    }

    private func run(
        _ yaml: String, asOf: Day? = nil, only: [Stage]? = nil, timeout: Duration? = nil
    ) async throws -> RunSummary {
        var settings = Settings()
        settings.output = folder.url.appending(path: "out")
        settings.reports = Repository.root.appending(path: "reports")
        var job = try JobDefinition(Definition(text: yaml, file: "job.yaml"), name: "job")
        if let timeout { job.timeout = timeout }
        return try await JobRunner(database: database, settings: settings, softwareVersion: "1.2.3") {
            Instant(seconds: 60)
        }.run(job, asOf: asOf ?? last, only: only, trigger: .schedule)
    }

    private static let everything = """
        stages: [effectiveness, trends, cohorts, scores, reports]
        reports: [effectiveness, trending]
        """

    @Test func recordsItselfAndWritesItsReports() async throws {
        let summary = try await run(Self.everything)
        let record = try #require(try database.runs(limit: 1).first)
        #expect(record.id == summary.run)
        #expect(record.start.job == "job")
        #expect(record.start.asOf == last)
        #expect(record.start.trigger == .schedule)
        #expect(record.start.softwareVersion == "1.2.3")
        #expect(record.start.modelVersion == "ensemble-1")
        #expect(record.start.settings == RunSettings())
        let end = try #require(record.end)
        #expect(end.status == .succeeded)
        #expect(record.digest == summary.computation?.digest)
        #expect(end.stages.map(\.stage) == Stage.allCases)
        #expect(end.stages.dropLast().map(\.rowsWritten).reduce(0, +) == summary.computation?.publication.rows)
        #expect(end.stages.last?.rowsWritten == 6)
        #expect(
            summary.files.map(\.url.lastPathComponent)
                == ["effectiveness", "trending"].flatMap { name in
                    ["csv", "xlsx", "pdf"].map { "\(name)-2026-10-20.\($0)" }
                })
    }

    @Test func aRunThatIsToldToEndPublishesNothing() async throws {
        let settings = Settings()
        let job = try JobDefinition(
            Definition(text: "stages: [effectiveness]\nschedule: \"@daily\"", file: "j.yaml"), name: "job")
        let runner = JobRunner(database: database, settings: settings, softwareVersion: "1") { Instant(seconds: 60) }
        let task = Task { [last] in try await runner.run(job, asOf: last, trigger: .schedule) }
        task.cancel()
        await #expect(throws: RunError.stopped(before: "the step read")) { try await task.value }
        let record = try #require(try database.runs(limit: 1).first)
        #expect(record.status == .stopped)
        #expect(try database.readPublished { try $0.origins() }.isEmpty)
        // It is made up for: as far as the schedule is concerned it never was.
        #expect(try database.latestScheduledRun(of: "job", before: Instant(seconds: 90)) == nil)
        #expect(try database.latestRun(of: "job")?.id == record.id)
    }

    @Test func aJobOfReportsAloneComputesNothing() async throws {
        _ = try await run("stages: [effectiveness, trends, cohorts, scores]")
        let digest = try database.readPublished { try $0.run(RunID(rawValue: 1))?.digest }
        let summary = try await run(
            "stages: [reports]\nreports: [effectiveness]\nformats: [csv, pdf]\nlanguages: [en, fa]", asOf: last + 5)
        #expect(summary.computation == nil)
        let paths = summary.files.map { $0.url.pathComponents.suffix(2).joined(separator: "/") }
        #expect(
            paths
                == ["en", "fa"].flatMap { language in
                    ["csv", "pdf"].map { "\(language)/effectiveness-2026-10-20.\($0)" }
                })
        let origin = try database.readPublished { try $0.origins()[.effectiveness] }
        #expect(origin?.asOf == last)
        #expect(origin?.run == RunID(rawValue: 1))
        #expect(try database.run(RunID(rawValue: 1))?.digest == digest)
        #expect(try database.run(summary.run)?.digest == nil)
    }

    @Test func onlyTheNamedStagesArePublished() async throws {
        _ = try await run(Self.everything, only: [.trends])
        let origins = try database.readPublished { try $0.origins() }
        #expect(Set(origins.keys) == [.trends])
        #expect(try database.readPublished { try $0.tallies(at: .overall) }.count == 0)
    }

    @Test func aWrongReportIsToldBeforeAnythingIsComputed() async throws {
        await #expect(throws: DefinitionError.self) { try await run("stages: [reports]\nreports: [nonesuch]") }
        #expect(try database.runs(limit: 1).isEmpty)
    }

    @Test func aFailureIsRecordedAndLeavesWhatWasPublished() async throws {
        let first = try await run(Self.everything)
        let error = await #expect(throws: RunError.self) {
            try await run(Self.everything, asOf: last - 1, timeout: .zero)
        }
        #expect(error?.status == .tryAgain)
        let record = try #require(try database.runs(limit: 1).first)
        #expect(record.end?.status == .failed)
        #expect(record.end?.error?.contains("its timeout passed before the step read; nothing was published") == true)
        #expect(try database.readPublished { try $0.origins() }[.scores]?.run == first.run)
    }

    @Test func daysOneAfterTheOtherEqualEachDayAlone() async throws {
        for offset in (0..<10).reversed() { _ = try await run(Self.everything, asOf: last - offset) }
        let chained = try await run(Self.everything)
        #expect(chained.computation?.publication.rows == 0)
        let alone = try openDatabase(at: folder.path("alone.db"), create: true)
        try TestClinic.random(2, patients: 30, recommendations: 90, feedback: 600, until: last).write(to: alone)
        let job = try JobDefinition(
            Definition(text: "stages: [effectiveness, trends, cohorts, scores]", file: "j.yaml"), name: "j")
        let summary = try await JobRunner(database: alone, settings: Settings(), softwareVersion: "") {
            Instant(seconds: 0)
        }.run(job, asOf: last, trigger: .manual)
        #expect(summary.computation?.digest == chained.computation?.digest)
        for level in Level.allCases {
            #expect(
                try alone.readPublished { try $0.tallies(at: level) }
                    == database.readPublished { try $0.tallies(at: level) })
        }
        #expect(try alone.readPublished { try $0.predictions() } == database.readPublished { try $0.predictions() })
    }

    @Test func anEmptyClinicRuns() async throws {
        let empty = try openDatabase(at: folder.path("empty.db"), create: true)
        let job = try JobDefinition(
            Definition(text: "stages: [effectiveness, trends, cohorts, scores]", file: "j.yaml"), name: "j")
        let summary = try await JobRunner(database: empty, settings: Settings(), softwareVersion: "") {
            Instant(seconds: 0)
        }.run(job, asOf: last, trigger: .manual)
        #expect(summary.computation?.publication.rows == 0)
        #expect(summary.computation?.rowsRead.cases == 0)
    }
}

@Suite(.timeLimit(.minutes(30))) struct RunLockTests {
    private let database: SQLiteDatabase
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        database = try SQLiteDatabase(path: folder.path("clinic.db"), create: true)
    }

    @Test("one process holds the run lock at a time") func isExclusive() async throws {
        do {
            let lock = try await database.runLock(wait: .zero)
            await #expect(throws: RunError.locked(location: database.location)) {
                try await database.runLock(wait: .zero)
            }
            #expect(database.isRunLocked())
            withExtendedLifetime(lock) {}
        }
        #expect(!database.isRunLocked())
        let again = try await database.runLock(wait: .zero)
        withExtendedLifetime(again) {}
    }

    @Test("a waiter takes the run lock when it is released") func isHandedOver() async throws {
        let holder = Mutex<(any RunLock)?>(try await database.runLock(wait: .zero))
        let lock = try await database.runLock(wait: .seconds(60)) {
            holder.withLock { $0 = nil }
        }
        withExtendedLifetime(lock) { #expect(holder.withLock { $0 == nil }) }
    }
}
