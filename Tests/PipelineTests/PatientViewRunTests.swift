import Configuration
import Domain
import Store
import StoreSQLite
import TestSupport
import Testing

@testable import Pipeline

/// What patients see moves with the first run of a day that feedback did not trigger, and with no other.
@Suite(.timeLimit(.minutes(30))) struct PatientViewRunTests {
    private let folder: TemporaryFolder
    private let database: any ClinicStore
    private static let scores = "stages: [scores]"

    init() throws {
        folder = try TemporaryFolder()
        database = try openDatabase(at: folder.path("clinic.db"), create: true)
        try TestClinic.random(2, patients: 60, recommendations: 140, feedback: 500, until: day("2026-10-20")).write(
            to: database)
    }

    private func job(_ yaml: String = scores) throws -> JobDefinition {
        try JobDefinition(Definition(text: yaml, file: "j.yaml"), name: "j")
    }

    private func runner(at clock: String) -> JobRunner {
        JobRunner(database: database, settings: Settings(), softwareVersion: "1") { instant(clock) }
    }

    private func publication() throws -> PatientPublication? {
        try database.readAsPatient { _, view in try view.patientPublication() }
    }

    /// Runs a job, and returns whether the view is from that run.
    private func moves(
        asOf: String, at clock: String, trigger: RunTrigger = .schedule, _ yaml: String = scores
    ) async throws -> Bool {
        _ = try await runner(at: clock).run(job(yaml), asOf: day(asOf), trigger: trigger)
        return try publication()?.publishedAt == instant(clock)
    }

    @Test("the first run of a day moves it, later ones and those of feedback do not")
    func firstRunOfADay() async throws {
        #expect(try await !moves(asOf: "2026-10-20", at: "2026-10-20T01:00:00Z", trigger: .feedback))
        #expect(try publication() == nil)
        #expect(try await !moves(asOf: "2026-10-19", at: "2026-10-20T01:30:00Z", "stages: [effectiveness]"))
        #expect(try await moves(asOf: "2026-10-19", at: "2026-10-20T02:00:00Z"))
        #expect(try publication()?.day == day("2026-10-20") && publication()?.asOf == day("2026-10-19"))
        #expect(try await !moves(asOf: "2026-10-20", at: "2026-10-20T09:00:00Z"))
        #expect(try await !moves(asOf: "2026-10-20", at: "2026-10-20T23:59:59Z", trigger: .manual))
        #expect(try await !moves(asOf: "2026-10-21", at: "2026-10-21T00:00:01Z", trigger: .feedback))
        #expect(try await moves(asOf: "2026-10-20", at: "2026-10-21T02:00:00Z", trigger: .manual))
    }

    @Test("it never goes back to an earlier as-of day")
    func noWayBack() async throws {
        #expect(try await moves(asOf: "2026-10-20", at: "2026-10-20T02:00:00Z"))
        #expect(try await !moves(asOf: "2026-09-01", at: "2026-10-21T02:00:00Z", trigger: .manual))
        #expect(try await moves(asOf: "2026-10-20", at: "2026-10-21T03:00:00Z"))
    }

    @Test("a past range that is run later does not show, neither before nor after the first view")
    func pastRange() async throws {
        let past = RunRequest.days(from: day("2026-09-01"), to: day("2026-09-03"))
        _ = try await moves(asOf: "2026-10-20", at: "2026-10-20T01:00:00Z", trigger: .feedback)
        try await runner(at: "2026-10-20T02:00:00Z").run(job(), as: past, mails: false)
        #expect(try publication()?.asOf == day("2026-10-20"))
        try await runner(at: "2026-10-21T02:00:00Z").run(job(), as: past, mails: false)
        #expect(try publication()?.asOf == day("2026-10-20"))
    }

    @Test("a clock that was wrong once does not stop it")
    func wrongClock() async throws {
        #expect(try await moves(asOf: "2026-10-20", at: "2031-01-01T02:00:00Z"))
        #expect(try await moves(asOf: "2026-10-20", at: "2026-10-21T02:00:00Z"))
    }

    @Test("of several days in a row, the last one moves it")
    func severalDays() async throws {
        try await runner(at: "2026-10-21T02:00:00Z").run(
            job(), as: .days(from: day("2026-10-15"), to: day("2026-10-20")), mails: false)
        #expect(try publication()?.asOf == day("2026-10-20"))
    }

    @Test("patients are told where what they see changes, staff by each run")
    func deltas() async throws {
        _ = try await moves(asOf: "2026-10-10", at: "2026-10-11T02:00:00Z")
        let first = try database.outbox(after: 0, limit: .max) { _ in true }
        func rankings(_ page: OutboxPage) -> [DiagnosisID: [PatientPlace]] {
            var rankings: [DiagnosisID: [PatientPlace]] = [:]
            for delta in page.deltas {
                if case .patientRanking(let places) = delta.change { rankings[delta.diagnosis] = places }
            }
            return rankings
        }
        func seen() throws -> [DiagnosisID: [PatientPlace]] {
            try database.readAsPatient { records, view in
                let diagnoses = try records.diagnoses(after: nil, limit: 1000)
                return Dictionary(
                    uniqueKeysWithValues: try diagnoses.map { ($0.id, try view.patientRanking(of: $0.id)) })
            }
        }
        let before = try seen()
        #expect(rankings(first) == before.filter { !$0.value.isEmpty } && rankings(first).count > 10)
        // The next run of the day is for staff alone.
        _ = try await moves(asOf: "2026-10-20", at: "2026-10-11T09:00:00Z")
        let second = try database.outbox(after: first.last, limit: .max) { _ in true }
        #expect(second.deltas.count > 5 && second.deltas.allSatisfy { $0.change.audience == .staff })
        #expect(try seen() == before)
        _ = try await moves(asOf: "2026-10-20", at: "2026-10-12T02:00:00Z")
        let third = try database.outbox(after: second.last, limit: .max) { _ in true }
        let after = try seen()
        #expect(rankings(third) == after.filter { before[$0.key] != $0.value } && !rankings(third).isEmpty)
        // The history has both.
        let (diagnosis, _) = try #require(
            rankings(third).first { !$0.value.isEmpty && before[$0.key]?.isEmpty == false })
        let past = try database.readAsPatient { try $1.pastPatientPredictions(of: diagnosis) }
        #expect(past.contains { $0.until == day("2026-10-12") && $0.since == day("2026-10-11") })
        #expect(
            past.filter { $0.until == nil }.map(\.recommendation).sorted()
                == after[diagnosis]?.map(\.recommendation).sorted())
    }
}
