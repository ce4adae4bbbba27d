import Configuration
import Domain
import Foundation
import TestSupport
import Testing

@testable import Store

/// The ledger is appended to and never changed, by whatever processes and whatever comes in between.
@Suite(.timeLimit(.minutes(30))) struct ReleaseLedgerTests {
    private let folder: TemporaryFolder
    private let ledger: ReleaseLedger
    private let setup = ReleaseSetup.october

    init() throws {
        folder = try TemporaryFolder()
        ledger = ReleaseLedger(at: folder.path("l"))
    }

    private func append(_ months: LedgerMonth..., to ledger: ReleaseLedger? = nil) throws {
        try (ledger ?? self.ledger).update(settingUp: setup) { update in
            for month in months where update.content.month(month.released.month) == nil { try update.append(month) }
        }
    }

    @Test("a ledger is made for its owner alone, and holds what was appended")
    func appending() throws {
        #expect(try ledger.read() == nil && ledger.version == nil && ledger.mode == nil)
        try ledger.update(settingUp: setup) { _ in }
        #expect(try ledger.read() == LedgerContent(setup: setup, months: []))
        #expect(ledger.mode == 0o600)
        let version = try #require(ledger.version)
        try append(try LedgerMonth.counted("2026-10"), try LedgerMonth.counted("2026-11", 7))
        #expect(ledger.version != version)
        let content = try #require(try ledger.read())
        #expect(content.months == [try LedgerMonth.counted("2026-10"), try LedgerMonth.counted("2026-11", 7)])
        // The header of one that is there stays.
        let other = ReleaseSetup(timezone: .utc, firstMonth: CalendarMonth(of: day("2020-01-01")))
        try ledger.update(settingUp: other) { #expect($0.content == content) }
        #expect(try ledger.read() == content)
        #expect(content.publicSubjects(before: try #require(CalendarMonth("2026-10"))) == [.overall])
        #expect(content.publicSubjects(before: try #require(CalendarMonth("2026-11"))).count == 2)
    }

    @Test("an unfinished tail, cut at any byte, is cut off before the next month is appended")
    func tornTail() throws {
        try append(try LedgerMonth.counted("2026-10"))
        let first = try Data(contentsOf: URL(filePath: ledger.path))
        try append(try LedgerMonth.counted("2026-11"))
        let both = try Data(contentsOf: URL(filePath: ledger.path))
        for length in first.count..<both.count {
            try both[..<length].write(to: URL(filePath: ledger.path))
            #expect(try ledger.read()?.months == [try LedgerMonth.counted("2026-10")], "\(length)")
            try append(try LedgerMonth.counted("2026-11"))
            #expect(try Data(contentsOf: URL(filePath: ledger.path)) == both, "\(length)")
        }
        // Of an unfinished header, nothing is left.
        let header = LedgerText.header(setup)
        for length in 0..<header.utf8.count {
            try Data(header.utf8.prefix(length)).write(to: URL(filePath: ledger.path))
            #expect(try ledger.read() == nil)
            try append(try LedgerMonth.counted("2026-10"), try LedgerMonth.counted("2026-11"))
            #expect(try Data(contentsOf: URL(filePath: ledger.path)) == both, "\(length)")
        }
    }

    @Test("a damaged ledger is neither read nor appended to")
    func damage() throws {
        try append(try LedgerMonth.counted("2026-10"), try LedgerMonth.counted("2026-11"))
        let damaged = try folder.read("l").replacing("cell\toverall\t1", with: "cell\toverall\t9")
        try folder.write(damaged, to: "l")
        let error = #expect(throws: LedgerError.self) { try ledger.read() }
        #expect(error?.description.hasPrefix("\(ledger.path):8: the lines of 2026-10 have the digest ") == true)
        #expect(throws: LedgerError.self) { try append(try LedgerMonth.counted("2026-12")) }
        #expect(try folder.read("l") == damaged)
        // A file that is something else is left alone.
        try folder.write("my notes\n", to: "notes")
        #expect(throws: LedgerError.notALedger(path: folder.path("notes"))) {
            try append(try LedgerMonth.counted("2026-10"), to: ReleaseLedger(at: folder.path("notes")))
        }
        #expect(try folder.read("notes") == "my notes\n")
        #expect(throws: UnwritableFile.self) {
            try append(try LedgerMonth.counted("2026-10"), to: ReleaseLedger(at: folder.path("nowhere/l")))
        }
    }

    @Test("of many that append the same months at once, one does")
    func concurrentAppends() async throws {
        let (ledger, setup) = (ledger, setup)
        let months = try (1...6).map { try LedgerMonth.counted("2027-0\($0)") }
        let appended = await withTaskGroup(of: Int.self, returning: Int.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    var own = 0
                    for month in months {
                        let isNew = try? ledger.update(settingUp: setup) { update in
                            guard update.content.month(month.released.month) == nil else { return false }
                            try update.append(month)
                            return true
                        }
                        own += isNew == true ? 1 : 0
                    }
                    return own
                }
            }
            return await group.reduce(0, +)
        }
        #expect(appended == months.count)
        #expect(try ledger.read()?.months.map(\.released.month) == months.map(\.released.month))
    }

    @Test("a month of which the database noted something else is withheld, and one that it does not know is shown")
    func notedMonths() throws {
        let (october, november) = (try LedgerMonth.counted("2026-10"), try LedgerMonth.counted("2026-11"))
        let content = LedgerContent(setup: setup, months: [november, october])
        #expect(content.releases(noted: NotedReleases()).months.map(\.month.description) == ["2026-10", "2026-11"])
        let december = try #require(CalendarMonth("2026-12"))
        let noted = NotedReleases(
            setup: setup,
            digests: [october.released.month: october.digest, november.released.month: "other", december: "d"])
        #expect(content.releases(noted: noted).months.map(\.month.description) == ["2026-10"])
        #expect(noted.missing(in: content) == [december])
        #expect(noted.missing(in: nil).count == 3)
    }
}
