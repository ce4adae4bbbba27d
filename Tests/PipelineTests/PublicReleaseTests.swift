import Configuration
import Domain
import Foundation
import Store
import TestSupport
import Testing

@testable import Pipeline

/// Each month is released once, a week after its end, so that what happens on a day or in an hour never shows.
@Suite(.timeLimit(.minutes(30))) struct PublicReleaseTests {
    private var clinic: ReleasingClinic

    init() throws { clinic = try ReleasingClinic() }

    /// Noise at ε = 10 is beyond ±3 once in 10⁷ numbers.
    private func isNear(_ number: Int, _ expected: Int) -> Bool { abs(number - expected) <= 6 }

    @Test("a month is released seven days after its end, by the clock and by the as-of day")
    func dueDay() async throws {
        #expect(try await clinic.run(asOf: "2026-10-06", at: "2026-10-07") == [])
        #expect(try await clinic.run(asOf: "2026-10-06", at: "2027-01-01") == [])
        #expect(try await clinic.run(asOf: "2026-10-20", at: "2026-10-06") == [])
        #expect(try await clinic.run(asOf: "2026-10-07", at: "2026-10-08") == ["2026-09"])
        #expect(try await clinic.run(asOf: "2026-11-06", at: "2026-11-06") == ["2026-09"])
        #expect(try await clinic.run(asOf: "2026-11-07", at: "2026-11-07") == ["2026-09", "2026-10"])
        #expect(isNear(try clinic.patients(), 80))
    }

    @Test("a month is released once: what comes late is never in it")
    func once() async throws {
        #expect(try await clinic.run(asOf: "2026-10-08") == ["2026-09"])
        let ledger = try clinic.ledgerText
        try ReleasingClinic.records(late: 40).write(to: clinic.database)
        for offset in 1...23 {
            #expect(try await clinic.run(asOf: "\(day("2026-10-08") + offset)") == ["2026-09"])
        }
        #expect(try clinic.ledgerText == ledger)
        #expect(try await clinic.run(asOf: "2026-11-08") == ["2026-09", "2026-10"])
        #expect(try clinic.ledgerText.hasPrefix(ledger))
        #expect(isNear(try clinic.patients(), 40 + 80))
    }

    @Test("months are released in order, also several at once, and months without anybody as well")
    func severalMonths() async throws {
        #expect(
            try await clinic.run(asOf: "2027-01-08") == ["2026-09", "2026-10", "2026-11", "2026-12"])
        let months = try #require(try clinic.ledger.read()).months.map(\.released)
        #expect(months[0].entries.map(\.level) == [.herb, .condition, .treatment])
        #expect(months[1...].allSatisfy { $0.entries.isEmpty && $0.cells.count == 4 })
        #expect(isNear(try #require(months[3].cells[.overall]).total, 0))
        #expect(months.allSatisfy { $0.releasedAt == instant("2027-01-08T02:15:00Z") })
    }

    @Test("only a run of everything that new feedback did not trigger releases")
    func whichRuns() async throws {
        let everything = Stage.allCases.filter { $0 != .reports }
        #expect(try await clinic.run(asOf: "2026-10-08", trigger: .feedback) == [])
        #expect(try await clinic.run(asOf: "2026-10-08", only: everything) == [])
        #expect(try await clinic.run("stages: [effectiveness, trends]", asOf: "2026-10-08") == [])
        #expect(try clinic.ledger.read() == nil)
        #expect(try await clinic.run(asOf: "2026-10-08", trigger: .manual) == ["2026-09"])
    }

    @Test("a run of a day in the past releases nothing new")
    func pastDays() async throws {
        try await clinic.run(asOf: "2026-11-08")
        let ledger = try clinic.ledgerText
        try await clinic.run(asOf: "2026-10-08", at: "2026-11-09")
        try await clinic.run(asOf: "2026-11-09", at: "2026-11-10")
        #expect(try clinic.ledgerText == ledger)
    }

    @Test("the first run sets releases up, from its own month on where no setting says otherwise")
    func setup() async throws {
        var clinic = clinic
        clinic.settings.releases.firstMonth = nil
        #expect(try await clinic.run(asOf: "2026-11-20") == [])
        let setup = ReleaseSetup(timezone: .utc, firstMonth: CalendarMonth(of: day("2026-11-01")))
        #expect(try clinic.ledger.read() == LedgerContent(setup: setup, months: []))
        #expect(try clinic.database.notedReleases() == NotedReleases(setup: setup))
        // Settings that change later do not count.
        clinic.settings.releases.firstMonth = CalendarMonth("2026-09")
        clinic.settings.timezone = try #require(ClinicTimeZone(identifier: "Asia/Tehran"))
        #expect(try await clinic.run(asOf: "2026-12-08") == ["2026-11"])
        #expect(try clinic.ledger.read()?.setup == setup)
    }

    @Test("months and days are those of the zone in which releases were set up")
    func zones() async throws {
        var clinic = clinic
        let tehran = try #require(ClinicTimeZone(identifier: "Asia/Tehran"))
        clinic.settings.timezone = tehran
        // At 20:45 UTC it is the next day in Tehran.
        #expect(try await clinic.run(asOf: "2026-10-07", at: "2026-10-06T20:15:00Z") == [])
        #expect(try await clinic.run(asOf: "2026-10-07", at: "2026-10-06T20:45:00Z") == ["2026-09"])
        // In the evening of 31 October it is November in Tehran, whatever zone the settings have by now.
        clinic.settings.timezone = .utc
        var records = ReleasingClinic.records()
        for index in records.feedback.indices where records.feedback[index].createdAt > instant("2026-10-01T00:00:00Z")
        {
            records.feedback[index].createdAt = instant("2026-10-31T21:00:00Z")
        }
        try records.write(to: clinic.database)
        try await clinic.run(asOf: "2026-12-08")
        let months = try #require(try clinic.ledger.read()).months.map(\.released)
        #expect(months.map(\.month.description) == ["2026-09", "2026-10", "2026-11"])
        #expect(isNear(try #require(months[1].cells[.overall]).total, 0))
        #expect(isNear(try #require(months[2].cells[.overall]).total, 40))
    }

    @Test("few patients do not make a subject public, and nothing of them is in the ledger")
    func fewPatients() async throws {
        var records = ReleasingClinic.records()
        records.rate(
            records.recommendation("mint", for: "bloating", to: records.patient(), on: day("2026-09-01")), 5,
            on: day("2026-09-02"))
        try records.write(to: clinic.database)
        try await clinic.run(asOf: "2026-11-08")
        let text = try clinic.ledgerText
        #expect(!text.contains("mint") && !text.contains("bloating") && text.contains("saffron"))
    }

    @Test("the published results and their digest do not depend on releases")
    func digests() async throws {
        var other = try ReleasingClinic()
        other.settings.releases.ledger = other.folder.url.appending(path: "nowhere/ledger")
        let job = try JobDefinition(Definition(text: ReleasingClinic.computing, file: "j.yaml"), name: "j")
        var digests: Set<String> = []
        for clinic in [clinic, other] {
            let summary = try await JobRunner(
                database: clinic.database, settings: clinic.settings, softwareVersion: "1",
                now: { instant("2026-11-08T02:15:00Z") }
            ).run(job, asOf: day("2026-11-07"), trigger: .schedule)
            digests.insert(try #require(summary.computation?.digest))
            #expect(summary.released.count == (clinic.settings.releases.ledger == nil ? 2 : 0))
        }
        #expect(digests.count == 1)
    }
}
