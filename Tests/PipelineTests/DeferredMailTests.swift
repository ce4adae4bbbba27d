import Configuration
import Domain
import Foundation
import Store
import StoreSQLite
import Synchronization
import Testing
import TestSupport

@testable import Pipeline

/// Mails that a server does not take for now are tried again for hours, after the run has ended.
@Suite(.timeLimit(.minutes(30))) struct DeferredMailTests {
    private let folder: TemporaryFolder
    private let database: any ClinicStore
    private let server: TestMailServer
    private let last = day("2026-10-20")

    init() async throws {
        folder = try TemporaryFolder()
        database = try openDatabase(at: folder.path("clinic.db"), create: true)
        try TestClinic.random(2, patients: 10, recommendations: 30, feedback: 100, until: last).write(to: database)
        server = try await TestMailServer(in: folder)
    }

    /// What happened during a run, in which 300 seconds take one.
    private final class Course: Sendable {
        let waits = Mutex<[Duration]>([])
        let locks = Mutex<[Bool]>([])
    }

    private func run(_ yaml: String, retryTime: Duration = .seconds(4 * 3600)) async throws -> Course {
        var settings = Settings()
        settings.output = folder.url.appending(path: "out")
        settings.reports = Repository.root.appending(path: "reports")
        settings.mail = MailSettings(
            server: MailServer(host: "localhost", port: server.port, security: .none),
            from: try #require(MailAddress("درمانگاه <reports@clinic.example>")), retryTime: retryTime)
        let course = Course()
        var runner = JobRunner(database: database, settings: settings, softwareVersion: "1") {
            Instant(seconds: 1_792_540_800)
        }
        runner.pause = { wait, _ in
            course.waits.withLock { $0.append(wait) }
            course.locks.withLock { $0.append(database.isRunLocked()) }
            try await Task.sleep(for: wait / 300)
        }
        let job = try JobDefinition(Definition(text: yaml, file: "job.yaml"), name: "job")
        do {
            try await runner.run(job, as: .days(from: last, to: nil))
        } catch let error as any Failure {
            problem.withLock { $0 = error as? RunError }
        }
        return course
    }

    private let problem = Problem()

    /// What the run ended with.
    private final class Problem: Sendable {
        private let error = Mutex<RunError?>(nil)

        func withLock<Value: Sendable>(_ body: (inout sending RunError?) -> sending Value) -> Value {
            error.withLock(body)
        }
    }

    private static let reports = "stages: [effectiveness, reports]\nreports: [effectiveness]\nformats: [csv]\n"

    @Test(.timeLimit(.minutes(30)))
    func greylistingIsWaitedForAndTheRunSucceeds() async throws {
        let course = try await run(
            Self.reports + """
                retry: {attempts: 2, wait: 1s}
                delivery: {mail: {to: [Grey <times4@clinic.example>, dr@clinic.example]}}
                on_failure: {mail: [admin@clinic.example]}
                """)
        #expect(problem.withLock { $0 } == nil)
        // The run offers it twice. Others may run while it waits for the other three times.
        #expect(course.waits.withLock { $0 } == [300, 600, 1200].map(Duration.seconds))
        #expect(course.locks.withLock { !$0.contains(true) })
        #expect(try await server.mails().map { $0["To"] } == ["dr@clinic.example", "Grey <times4@clinic.example>"])
        let record = try #require(try database.runs(limit: 1).first)
        #expect(record.end?.status == .succeeded && record.end?.error == nil)
        #expect(try database.deliveries(limit: 10).filter { $0.key.channel == .alert }.isEmpty)
    }

    @Test(.timeLimit(.minutes(30)))
    func whatIsNeverTakenIsReportedOnceTheTimeIsOver() async throws {
        let course = try await run(
            Self.reports + """
                delivery: {mail: {to: [busy@clinic.example, nobody@clinic.example]}}
                on_failure: {mail: [grey1@clinic.example]}
                """, retryTime: .seconds(1000))
        guard case .undelivered(job: "job", count: 2, let example)? = problem.withLock({ $0 }) else {
            Issue.record("\(String(describing: problem.withLock { $0 }))")
            return
        }
        #expect(example.contains("no such mailbox"))
        // The news of it was deferred in its turn.
        #expect(course.waits.withLock { $0 }.prefix(3) == [.seconds(300), .seconds(600), .seconds(100)])
        #expect(try await server.mails().map { $0["To"] } == ["grey1@clinic.example"])
        #expect(try database.runs(limit: 1).first?.end?.status == .undelivered)
        #expect(
            try database.deliveries(limit: 10).filter { $0.key.recipient == "busy@clinic.example" }.map(
                \.state.attempts)
                == [4])
    }

    @Test(.timeLimit(.minutes(30)))
    func theNewsOfAFailureIsDeferredToo() async throws {
        // A definition is read before anything is computed.
        let course = try await run("stages: [reports]\nreports: [nonesuch]\non_failure: {mail: [grey1@clinic.example]}")
        #expect(course.waits.withLock { $0 } == [.seconds(300)])
        #expect(try await server.mails().map { $0["To"] } == ["grey1@clinic.example"])
    }

    @Test func theTimeoutOfTheJobEndsIt() async throws {
        let course = try await run(
            Self.reports + "timeout: 4m\ndelivery: {mail: {to: [busy@clinic.example]}}")
        #expect(course.waits.withLock { $0 }.isEmpty)
        #expect(problem.withLock { $0 } != nil)
    }

    @Test func waitsDoubleUpToAnHour() {
        let minutes = DeferralSchedule(total: .seconds(4 * 3600)).map { Int($0 / .seconds(60)) }
        #expect(minutes == [5, 10, 20, 40, 60, 60, 45])
        #expect(DeferralSchedule(total: .zero).map { $0 }.isEmpty)
    }
}
