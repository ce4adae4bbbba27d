import Domain
import TestSupport
import Testing

@testable import Store
@testable import StoreSQLite

/// The tables of published results: packed pages, superseded rows, and deltas in batches.
@Suite(.timeLimit(.minutes(30))) struct PublishedTableTests {
    private let folder: TemporaryFolder
    private let database: SQLiteDatabase
    private let last = day("2026-10-20")

    init() throws {
        folder = try TemporaryFolder()
        database = try SQLiteDatabase(in: folder)
    }

    @Test("many deltas of a run are written in batches, and few one by one", arguments: [1, 200])
    func batches(patients: Int) async throws {
        try TestClinic.ranked(patients: patients, until: last).write(to: database)
        _ = try await publish(asOf: last, in: database)
        let isBatched = try database.count("deltas WHERE last_diagnosis_id IS NOT NULL") > 0
        #expect(isBatched == (patients == 200))
    }

    @Test func supersededRowsKeepTheDaysBetweenWhichTheyHeld() async throws {
        var clinic = TestClinic()
        let recommendation = clinic.recommendation("a", for: "c", to: clinic.patient(), on: last - 200)
        clinic.rate(recommendation, 5, on: last - 100)
        try clinic.write(to: database)
        _ = try await publish(asOf: last - 1, in: database)
        clinic.rate(recommendation, 1, on: last)
        try clinic.write(to: database)
        let publication = try await publish(asOf: last, in: database)
        #expect(publication.rowsWritten[.effectiveness] == Level.allCases.count)
        try database.read { db in
            let rows = try Statement(
                db, "SELECT samples_all, successes_all, since, until FROM effectiveness_history WHERE level = 0")
            #expect(try rows.step())
            #expect([rows.int32(0), rows.int32(1)] == [1, 1])
            #expect([rows.int32(2), rows.int32(3)] == [(last - 1).daysSinceEpoch, last.daysSinceEpoch])
            #expect(try !rows.step())
        }
        #expect(try database.readPublished { try $0.tallies(at: .overall) }[.all]?.all.samples == 2)
    }

    @Test func withdrawnFeedbackLeavesItsRowsInTheHistory() async throws {
        var clinic = TestClinic()
        clinic.rate(clinic.recommendation("a", for: "c", to: clinic.patient(), on: last), 5, on: last)
        try clinic.write(to: database)
        _ = try await publish(asOf: last, in: database)
        clinic.feedback[0].deletedAt = clinic.feedback[0].createdAt
        try clinic.write(to: database)
        _ = try await publish(asOf: last + 1, in: database)
        #expect(try database.count("effectiveness_history") == Level.allCases.count)
    }

    @Test(arguments: 1...20) func rowsSurviveTheirPages(seed: Int) throws {
        var random = TestRandom(seed)
        func number(_ most: Int32) -> Int32 { Bool.random(using: &random) ? 0 : .random(in: 0...most, using: &random) }
        func tally() -> Tally {
            var tally = Tally()
            tally.samples = number(.max / 5)
            tally.successes = number(min(300, tally.samples))
            tally.ratingSum = tally.samples + number(4 * tally.samples)
            tally.improvements = number(min(5, tally.samples))
            tally.improvementSum = tally.improvements + number(4 * tally.improvements)
            tally.compliances = number(min(200, tally.samples))
            let hundredths = Int64(number(100 * tally.compliances))
            tally.complianceSum = hundredths * (Bool.random(using: &random) ? 10_000_000 : 7)
            return tally
        }
        // More pages than are compared in one go, where each key has one of its own.
        let count = seed < 4 ? 3000 : 600
        let rows = (0..<count).map { _ in
            var tallies = WindowTallies()
            tallies.all = tally()
            tallies.days90 = [tallies.all, tally(), Tally()].randomElement(using: &random) ?? Tally()
            tallies.days30 = [tallies.days90, tally(), Tally()].randomElement(using: &random) ?? Tally()
            return tallies
        }
        let keys = Set(
            (0..<count).map { _ in Int64.random(in: 0...(seed.isMultiple(of: 2) ? 5000 : .max), using: &random) })
        let tallies = Keyed(keys: keys.sorted().map(Subject.init(rawValue:)), values: Array(rows.prefix(keys.count)))
        let table = PublishedTable.effectiveness(.treatment)
        try database.write { db in
            let publication = SQLitePublication(db)
            func publish(all rows: Keyed<Subject, WindowTallies>, asOf day: Day) throws
                -> PublishedTable<Subject, WindowTallies>.Changes
            {
                try table.publish(.all(rows), asOf: day, in: publication).0
            }
            #expect(try publish(all: tallies, asOf: last).inserted.count == tallies.count)
            #expect(try publish(all: tallies, asOf: last + 1).count == 0)
            #expect(try table.read(in: publication) == tallies)
            #expect(try PublishedTable.effectiveness(.cohort).read(in: publication).count == 0)
            // Some go, some change, some come, by either way.
            let changed = tallies.keys.enumerated().filter { $0.offset % 3 > 0 }.map { offset, key in
                (key: key, value: offset % 3 == 1 ? tallies.values[offset] : tallies.values[0])
            }
            let gone = tallies.keys.enumerated().filter { $0.offset % 3 == 0 }.map {
                (key: $1, value: WindowTallies?.none)
            }
            let touched: [TouchedResults.Row<Subject, WindowTallies>] =
                (changed.map { (key: $0.key, value: Optional($0.value)) } + gone).sorted { $0.key < $1.key }
            let (changes, kept) = try table.publish(.touched(touched), asOf: last + 2, in: publication)
            let after = Keyed(keys: changed.map(\.key), values: changed.map(\.value))
            #expect(kept == after)
            #expect(changes.removed.map(\.key) == gone.map(\.key))
            for (old, new) in changes.replaced {
                #expect(old.key == kept.keys[new] && old.row != kept.values[new] && old.since == last.daysSinceEpoch)
            }
            #expect(try table.read(in: publication) == after)
            #expect(try publish(all: after, asOf: last + 3).count == 0)
            #expect(try publish(all: tallies, asOf: last + 3).inserted.count == gone.count)
            #expect(try table.read(in: publication) == tallies)
        }
    }
}
