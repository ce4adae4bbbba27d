import Configuration
import Domain
import Foundation
import Store
import StoreSQLite
import TestSupport
import Testing

@testable import Pipeline

/// Whatever goes wrong with the ledger or the database, no month is drawn twice, and results are published.
@Suite(.timeLimit(.minutes(30))) struct ReleaseFaultTests {
    private var clinic: ReleasingClinic

    init() throws { clinic = try ReleasingClinic() }

    private func statuses() throws -> [RunStatus] { try clinic.database.runs(limit: 9).map(\.status) }

    @Test("a process that was killed after the ledger and before the database draws nothing again")
    func killedInBetween() async throws {
        try await clinic.run(asOf: "2026-11-08")
        let (ledger, noted) = (try clinic.ledgerText, try clinic.database.notedReleases())
        #expect(noted.digests.count == 2)
        // As it was before the run, with the ledger of after it.
        let database = try openDatabase(at: clinic.folder.path("before.db"), create: true)
        try ReleasingClinic.records(late: 9).write(to: database)
        var again = clinic
        again.settings.releases.ledger = URL(filePath: try clinic.ledger.path)
        try await again.run(asOf: "2026-11-08", on: database)
        #expect(try clinic.ledgerText == ledger)
        #expect(try database.notedReleases() == noted)
    }

    @Test("a ledger that ends in the middle of a month is completed by a new draw, since nobody saw it")
    func tornLedger() async throws {
        try await clinic.run(asOf: "2026-10-08")
        let whole = try clinic.ledgerText
        try Data((whole + "month\t2026-10\t0.5\t2026-11-08T02:15:00Z\ncell\toverall\t4").utf8)
            .write(to: URL(filePath: clinic.ledger.path))
        #expect(try await clinic.run(asOf: "2026-11-08") == ["2026-09", "2026-10"])
        #expect(try clinic.ledgerText.hasPrefix(whole + "month\t2026-10\t10\t"))
    }

    @Test("months of a lost ledger stay withheld, later ones go on in a new ledger, and an import brings them back")
    func lostLedger() async throws {
        try await clinic.run(asOf: "2026-10-08")
        let (path, lost) = (URL(filePath: try clinic.ledger.path), clinic.folder.url.appending(path: "lost"))
        try FileManager.default.moveItem(at: path, to: lost)
        // Nothing is due: no ledger is begun beside one that may come back.
        #expect(try await clinic.run(asOf: "2026-10-09") == [])
        #expect(try clinic.ledger.read() == nil)
        #expect(try await clinic.run(asOf: "2026-11-08") == ["2026-10"])
        let noted = try clinic.database.notedReleases()
        #expect(noted.digests.count == 2)
        let content = try #require(try clinic.ledger.read())
        #expect(
            ReleaseStatus.all(in: content, noted: noted).map(\.state) == [.missing, .shown])
        #expect(content.setup.firstMonth.description == "2026-09")
        let ledger = try clinic.ledger
        #expect(try ledger.add(monthsOf: ReleaseLedger(at: lost.path), noted: noted).map(\.description) == ["2026-09"])
        #expect(try ledger.add(monthsOf: ReleaseLedger(at: lost.path), noted: noted) == [])
        #expect(try ledger.read()?.releases(noted: noted).months.map(\.month.description) == ["2026-09", "2026-10"])
    }

    @Test("a ledger of other figures is withheld, and cannot be imported")
    func otherLedger() async throws {
        try await clinic.run(asOf: "2026-11-08")
        let noted = try clinic.database.notedReleases()
        let other = try ReleasingClinic()
        try ReleasingClinic.records(late: 9).write(to: other.database)
        try await other.run(asOf: "2026-11-08")
        #expect(throws: LedgerError.self) { try clinic.ledger.add(monthsOf: other.ledger, noted: noted) }
        #expect(throws: LedgerError.self) { try clinic.ledger.add(monthsOf: other.ledger, noted: NotedReleases()) }
        let foreign = try Data(contentsOf: URL(filePath: other.ledger.path))
        try foreign.write(to: URL(filePath: clinic.ledger.path))
        try await clinic.run(asOf: "2026-11-09")
        #expect(try Data(contentsOf: URL(filePath: clinic.ledger.path)) == foreign)
        #expect(try clinic.ledger.read()?.releases(noted: noted).months == [])
        #expect(try clinic.database.notedReleases() == noted)
    }

    @Test("a ledger in another time zone cannot be imported")
    func otherZone() async throws {
        var other = try ReleasingClinic()
        other.settings.timezone = try #require(ClinicTimeZone(identifier: "Asia/Tehran"))
        try await other.run(asOf: "2026-11-08")
        try await clinic.run(asOf: "2026-10-01")
        let error = #expect(throws: LedgerError.self) {
            try clinic.ledger.add(monthsOf: other.ledger, noted: NotedReleases())
        }
        #expect(
            error == .otherZone(path: try other.ledger.path, zone: "Asia/Tehran", expected: "UTC"))
        #expect(try clinic.months() == [])
    }

    @Test("a release that fails leaves the published results, and ends the run incomplete")
    func failedRelease() async throws {
        var clinic = clinic
        clinic.settings.releases.ledger = clinic.folder.url.appending(path: "nowhere/ledger")
        let job = try JobDefinition(Definition(text: ReleasingClinic.computing, file: "j.yaml"), name: "j")
        let runner = JobRunner(
            database: clinic.database, settings: clinic.settings, softwareVersion: "1",
            now: { instant("2026-11-08T02:15:00Z") })
        let summary = try await runner.run(job, asOf: day("2026-11-07"), trigger: .schedule)
        let problem = try #require(summary.problem)
        #expect(problem.status == .cannotWrite)
        #expect(problem.description.hasPrefix("j: published, but could not release figures to anybody: "))
        #expect(try statuses() == [.incomplete])
        #expect(try clinic.database.readPublished { try $0.origins() }[.scores]?.asOf == day("2026-11-07"))
        // A ledger that is damaged is bad data.
        clinic.settings.releases.ledger = clinic.folder.url.appending(path: "ledger")
        try clinic.folder.write("avicenna released figures\t1\ntimezone\tNowhere\n", to: "ledger")
        let damaged = try await JobRunner(
            database: clinic.database, settings: clinic.settings, softwareVersion: "1",
            now: { instant("2026-11-08T02:15:00Z") }
        ).run(job, asOf: day("2026-11-07"), trigger: .schedule)
        #expect(damaged.problem?.status == .badData)
        #expect(damaged.problem?.description.contains("ledger:2: the line must be 'timezone'") == true)
        #expect(damaged.released.isEmpty && damaged.computation != nil)
    }

    @Test("two databases that share a ledger release each month once")
    func sharedLedger() async throws {
        var second = try ReleasingClinic()
        second.settings.releases.ledger = URL(filePath: try clinic.ledger.path)
        let (first, other) = (clinic, second)
        async let months = first.run(asOf: "2026-11-08")
        async let others = other.run(asOf: "2026-11-08")
        _ = try await (months, others)
        #expect(try first.months() == ["2026-09", "2026-10"])
        // Whoever came second noted what the first drew, then or in its next run.
        try await first.run(asOf: "2026-11-09")
        try await second.run(asOf: "2026-11-09")
        #expect(try first.database.notedReleases() == second.database.notedReleases())
        #expect(try first.months() == ["2026-09", "2026-10"])
    }

    @Test("a restored database, and one that is built anew, use the ledger that is there")
    func restoreAndRebuild() async throws {
        try await clinic.run(asOf: "2026-10-08")
        let backup = clinic.folder.url.appending(path: "backup.db")
        try clinic.database.backUp(to: backup, replace: false)
        try await clinic.run(asOf: "2026-11-08")
        let ledger = try clinic.ledgerText
        var clinic = clinic
        clinic.settings.releases.ledger = URL(filePath: try clinic.ledger.path)
        let location = clinic.folder.path("restored.db")
        try restoreDatabase(at: location, from: backup, replace: false, at: instant("2026-11-10T00:00:00Z"))
        let restored = try openDatabase(at: location)
        #expect(try restored.notedReleases().digests.count == 1)
        try await clinic.run(asOf: "2026-11-11", on: restored)
        #expect(try clinic.ledgerText == ledger)
        #expect(try restored.notedReleases().digests.count == 2)

        let rebuilt = try openDatabase(at: clinic.folder.path("rebuilt.db"), create: true)
        // With other records, and so other numbers of terms.
        var records = TestClinic()
        records.recommendation("another", for: "other", to: records.patient(), on: day("2026-08-01"))
        for _ in 0..<30 {
            records.rate(
                records.recommendation("saffron", for: "insomnia", to: records.patient(), on: day("2026-08-31")), 5,
                on: day("2026-09-05"))
        }
        try records.write(to: rebuilt)
        try await clinic.run(asOf: "2026-11-12", on: rebuilt)
        #expect(try clinic.ledgerText == ledger)
        #expect(try rebuilt.notedReleases().digests.count == 2)
    }
}
