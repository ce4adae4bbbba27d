import Analytics
import Configuration
import Domain
import Foundation
import Store
import StoreSQLite
import Testing
import TestSupport

@testable import Pipeline

/// Whatever happens to a clinic in a month, its results end as those of one clean run over the records that it has then.
@Suite(.timeLimit(.minutes(30))) struct RandomScheduleTests {
    private static let stages = Stage.allCases.filter { $0 != .reports }
    private let folder: TemporaryFolder
    private let first = day("2026-09-01")
    private let last = day("2026-09-30")
    /// A program that another test starts holds all open files for a moment, and with them the lock.
    private let patience = Duration.seconds(60)

    init() throws {
        folder = try TemporaryFolder()
    }

    private func runner(of database: any ClinicStore, at day: Day) -> JobRunner {
        JobRunner(database: database, settings: Settings(), softwareVersion: "1") {
            Instant(seconds: Int64(day.daysSinceEpoch + 1) * 86_400 + 9000)
        }
    }

    private func job(_ more: String = "") throws -> JobDefinition {
        try JobDefinition(
            Definition(
                text: "stages: [effectiveness, trends, cohorts, scores]\nschedule: \"15 2 * * *\"\n\(more)",
                file: "j.yaml"),
            name: "nightly")
    }

    /// What a process leaves behind that is killed at one of the moments between two transactions.
    private func crash(_ database: any ClinicStore, on day: Day, _ random: inout TestRandom) async throws {
        let run = try database.beginRun(
            RunStart(
                job: "nightly", asOf: day, trigger: .schedule,
                startedAt: Instant(seconds: Int64(day.daysSinceEpoch + 1) * 86_400 + 9000), softwareVersion: "1",
                modelVersion: "m", settings: RunSettings()))
        guard Bool.random(using: &random) else { return }
        let clinic = try database.clinic(asOf: day, in: .utc)
        var steps = RunSteps()
        let results = try await JobRunner.compute(
            Self.stages, of: LinkedClinic(clinic), successRating: .defaultSuccess, steps: &steps)
        _ = try database.publish(results, of: clinic, run: run, at: Instant(seconds: 60))
        guard Bool.random(using: &random) else { return }
        try database.noteDigest("a digest", of: run)
    }

    /// Everything that is published, as rows.
    private func published(_ database: any ClinicStore) throws -> [String] {
        try database.readPublished { results in
            var rows: [String] = []
            for level in Level.allCases {
                let tallies = try results.tallies(at: level)
                rows += zip(tallies.keys, tallies.values).map { "\(level) \($0) \($1)" }
                let trends = try results.trends(at: level)
                rows += zip(trends.keys, trends.values).map { "\(level) \($0) \($1)" }
            }
            let (cohorts, predictions) = (try results.cohorts(), try results.predictions())
            rows += zip(cohorts.keys, cohorts.values).map { "\($0) \($1)" }
            rows += zip(predictions.keys, predictions.values).map { "\($0) \($1)" }
            let priors = try results.priors()
            for level in Level.allCases {
                rows += Window.allCases.map { "\(level) \($0) \(String(describing: priors[level]?[$0]))" }
            }
            let names = try results.names()
            rows += (names.herbs.sorted + names.conditions.sorted).map { "\($0)" }
            return rows + (try results.origins()).map { "\($0) \($1.asOf)" }.sorted()
        }
    }

    @Test(arguments: 1...12)
    func endAsOneCleanRun(seed: Int) async throws {
        var random = TestRandom(seed)
        var clinic = TestClinic.random(seed, patients: 12, recommendations: 40, feedback: 250, until: last)
        let database = try openDatabase(at: folder.path("disturbed.db"), create: true)
        var known = clinic
        known.feedback = []
        try known.write(to: database)
        var late = clinic.feedback.shuffled(using: &random)

        for offset in 0..<30 {
            let today = first + offset
            // Some feedback of whatever day comes in, and some that is there is edited or withdrawn.
            for _ in 0..<Int.random(in: 0...12, using: &random) {
                guard let item = late.popLast() else { break }
                known.feedback.append(item)
            }
            if !known.feedback.isEmpty {
                let edited = Int.random(in: known.feedback.indices, using: &random)
                known.feedback[edited].rating = Rating(Int.random(in: 1...5, using: &random)) ?? .defaultSuccess
                if Int.random(in: 0..<4, using: &random) == 0 {
                    known.feedback[edited].deletedAt = known.feedback[edited].createdAt
                }
            }
            try known.write(to: database)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: break  // the server was off
            case 1: try await crash(database, on: today, &random)
            case 2:
                try await crash(database, on: today - 3, &random)
                fallthrough
            case 3:  // by cron, which also makes up for what was missed
                try await runner(of: database, at: today).run(job("catch_up: 4"), as: .due, wait: patience)
                try await runner(of: database, at: today).run(job("catch_up: 4"), as: .due, wait: patience)
            default:
                let day = today - Int.random(in: 0...5, using: &random)
                try await runner(of: database, at: today).run(
                    job(), as: .days(from: day, to: nil), only: Bool.random(using: &random) ? [.trends, .scores] : nil,
                    wait: patience)
            }
        }
        try await runner(of: database, at: last).run(job(), as: .days(from: last, to: nil), wait: patience)

        clinic.feedback = known.feedback
        let clean = try openDatabase(at: folder.path("clean.db"), create: true)
        try clinic.write(to: clean)
        try await runner(of: clean, at: last).run(job(), as: .days(from: last, to: nil), wait: patience)
        #expect(try published(database) == published(clean))
        let digest = try #require(try clean.runs(limit: 1).first?.digest)
        #expect(try database.runs(limit: 1).first?.digest == digest)
        #expect(try database.runs(limit: 1000).allSatisfy { $0.status != .running })
    }
}
