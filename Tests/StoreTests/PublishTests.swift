import Analytics
import Domain
import Foundation
import Testing
import TestSupport

@testable import Store
@testable import StoreSQLite

/// Publishing writes what changed, keeps what it supersedes, and tells live clients.
@Suite(.timeLimit(.minutes(30))) struct PublishTests {
    private let folder: TemporaryFolder
    private let database: SQLiteDatabase
    private let success = Rating.defaultSuccess
    private let last = day("2026-10-20")

    init() throws {
        folder = try TemporaryFolder()
        database = try SQLiteDatabase(path: folder.path("clinic.db"), create: true)
    }

    private func publish(asOf: Day) async throws -> Publication {
        let clinic = try database.clinic(asOf: asOf, in: .utc)
        let effectiveness = effectiveness(of: LinkedClinic(clinic), successRating: success)
        var results = Results(asOf: asOf, herbs: clinic.herbs.termNames, conditions: clinic.conditions.termNames)
        results.effectiveness = effectiveness
        results.trends = effectiveness.tallies.mapValues { trends(of: $0) }
        results.cohorts = cohorts(of: LinkedClinic(clinic), tallies: effectiveness.tallies[.cohort] ?? Keyed())
        results.scores = await scores(
            of: LinkedClinic(clinic), tallies: effectiveness.tallies, successRating: success
        )
        .scores
        let run = try database.beginRun(
            RunStart(
                job: "test", asOf: asOf, trigger: .manual, startedAt: Instant(seconds: 0), softwareVersion: "",
                modelVersion: "", settings: RunSettings()))
        return try database.publish(results, of: clinic, run: run, at: Instant(seconds: 60))
    }

    private func published<Value>(_ read: (any PublishedResults) throws -> Value) throws -> Value {
        try database.readPublished(read)
    }

    private func count(_ table: String) throws -> Int {
        try database.read { db in
            let statement = try Statement(db, "SELECT count(*) FROM \(table)")
            return try statement.step() ? Int(statement.int64(0)) : 0
        }
    }

    private static func counts(_ numbers: Int32...) -> WindowCounts {
        func count(_ first: Int) -> WindowCounts.Count {
            WindowCounts.Count(samples: numbers[first], successes: numbers[first + 1])
        }
        return WindowCounts(days30: count(0), days90: count(2), all: count(4))
    }

    @Test func readsBackWhatWasPublished() async throws {
        try TestClinic.random(3, patients: 20, recommendations: 60, feedback: 400, until: last).write(to: database)
        let publication = try await publish(asOf: last)
        let clinic = try database.clinic(asOf: last, in: .utc)
        let computed = effectiveness(of: LinkedClinic(clinic), successRating: success)
        for level in Level.allCases {
            #expect(try published { try $0.tallies(at: level) } == computed.tallies[level])
            #expect(try published { try $0.trends(at: level) } == trends(of: computed.tallies[level] ?? Keyed()))
        }
        #expect(try published { try $0.priors() } == computed.priors)
        #expect(try published { try $0.names() }.herbs == clinic.herbs.termNames)
        let scores = await scores(of: LinkedClinic(clinic), tallies: computed.tallies, successRating: success).scores
        #expect(try published { try $0.predictions() } == scores.predictions)
        #expect(try published { try $0.publishedPredictions() }.evidence == scores.evidence)
        #expect(try published { try $0.origins() }[.scores]?.asOf == last)
        #expect(publication.rows > 100)
    }

    @Test func aRerunWritesNoRowAndNoDelta() async throws {
        try TestClinic.random(4, patients: 20, recommendations: 60, feedback: 400, until: last).write(to: database)
        _ = try await publish(asOf: last)
        let deltas = try count("deltas")
        let again = try await publish(asOf: last)
        #expect(again.rows == 0)
        #expect(again.deltas == 0)
        #expect(try count("deltas") == deltas)
        #expect(try count("effectiveness_history") == 0)
    }

    @Test func supersededRowsKeepTheDaysBetweenWhichTheyHeld() async throws {
        var clinic = TestClinic()
        let recommendation = clinic.recommendation("a", for: "c", to: clinic.patient(), on: last - 200)
        clinic.rate(recommendation, 5, on: last - 100)
        try clinic.write(to: database)
        _ = try await publish(asOf: last - 1)
        clinic.rate(recommendation, 1, on: last)
        try clinic.write(to: database)
        let publication = try await publish(asOf: last)
        #expect(publication.rowsWritten[.effectiveness] == Level.allCases.count)
        try database.read { db in
            let rows = try Statement(
                db, "SELECT samples_all, successes_all, since, until FROM effectiveness_history WHERE level = 0")
            #expect(try rows.step())
            #expect([rows.int32(0), rows.int32(1)] == [1, 1])
            #expect([rows.int32(2), rows.int32(3)] == [(last - 1).daysSinceEpoch, last.daysSinceEpoch])
            #expect(try !rows.step())
        }
        #expect(try published { try $0.tallies(at: .overall) }[.all]?.all.samples == 2)
    }

    @Test func withdrawnFeedbackTakesItsRowsAway() async throws {
        var clinic = TestClinic()
        let recommendation = clinic.recommendation("a", for: "c", to: clinic.patient(), on: last)
        clinic.rate(recommendation, 5, on: last)
        try clinic.write(to: database)
        _ = try await publish(asOf: last)
        clinic.feedback[0].deletedAt = clinic.feedback[0].createdAt
        try clinic.write(to: database)
        _ = try await publish(asOf: last + 1)
        #expect(try published { try $0.tallies(at: .recommendation) }.count == 0)
        #expect(try count("effectiveness_history") == Level.allCases.count)
        let change = try #require(
            try database.outbox(after: 0, limit: 100, where: { _ in true }).deltas.first { delta in
                if case .effectiveness(_, _, nil) = delta.change { true } else { false }
            })
        #expect(change.diagnosis == DiagnosisID(rawValue: 1))
    }

    @Test func deltasSayWhatChangedInTheOrderOfCommits() async throws {
        var clinic = TestClinic()
        let first = clinic.recommendation("a", for: "c", to: clinic.patient(), on: last - 10)
        let second = clinic.recommendation("b", in: DiagnosisID(rawValue: 1), on: last - 10)
        clinic.rate(first, 5, on: last - 5)
        try clinic.write(to: database)
        _ = try await publish(asOf: last)
        let before = try database.outbox(after: 0, limit: 100, where: { _ in true }).deltas
        #expect(before.count == 2)
        guard case .effectiveness(first, nil, let counts?) = before[0].change,
            case .ranking(let ranking) = before[1].change
        else {
            Issue.record("\(before)")
            return
        }
        #expect(counts == Self.counts(1, 1, 1, 1, 1, 1))
        #expect(ranking.map(\.recommendation) == [first, second])

        clinic.rate(second, 5, on: last)
        clinic.rate(second, 5, on: last)
        try clinic.write(to: database)
        _ = try await publish(asOf: last)
        let after = try database.outbox(after: before[1].sequence, limit: 100, where: { _ in true }).deltas
        #expect(after.map(\.sequence) == after.map(\.sequence).sorted())
        #expect(
            after.first?.change
                == .effectiveness(recommendation: second, old: nil, new: Self.counts(2, 2, 2, 2, 2, 2)))
        #expect(after.allSatisfy { $0.diagnosis == DiagnosisID(rawValue: 1) })
    }

    @Test func aDiagnosisThatIsNoLongerActiveIsToldItsRankingIsEmpty() async throws {
        var clinic = TestClinic()
        clinic.recommendation("a", for: "c", to: clinic.patient(), on: last - 89)
        try clinic.write(to: database)
        _ = try await publish(asOf: last)
        _ = try await publish(asOf: last + 1)
        #expect(try database.outbox(after: 0, limit: 10, where: { _ in true }).deltas.last?.change == .ranking([]))
        #expect(try published { try $0.predictions() }.count == 0)
    }

    @Test func aScoreThatCreepsIsToldOnceItHasCreptFarEnough() {
        func rows(_ score: Double) -> Keyed<RecommendationID, Prediction> {
            let prediction = Prediction(
                diagnosis: DiagnosisID(rawValue: 1), basis: .none, historicalSamples: 0, historicalSuccesses: 0,
                similarPatients: 0, similarSuccesses: 0, score: score, confidence: 1, rank: 1)
            return Keyed(keys: [RecommendationID(rawValue: 1)], values: [prediction])
        }
        var known = Announcements(from: Keyed(), to: rows(0.50)) { _ in .all }
        #expect(known.diagnoses.count == 1)
        for (score, isTold) in [(0.52, false), (0.54, false), (0.55, true), (0.58, false), (0.50, true)] {
            known = Announcements(from: known.rows, to: rows(score)) { _ in .all }
            #expect(known.diagnoses.isEmpty == !isTold, "\(score)")
        }
    }

    @Test func aReaderSeesOnePublication() async throws {
        try TestClinic.random(5, patients: 10, recommendations: 30, feedback: 100, until: last).write(to: database)
        _ = try await publish(asOf: last - 20)
        let clinic = try database.clinic(asOf: last, in: .utc)
        var results = Results(asOf: last, herbs: clinic.herbs.termNames, conditions: clinic.conditions.termNames)
        results.effectiveness = effectiveness(of: LinkedClinic(clinic), successRating: success)
        try published { before in
            let overall = try before.tallies(at: .overall)
            _ = try database.publish(results, of: clinic, run: RunID(rawValue: 1), at: Instant(seconds: 60))
            #expect(try before.tallies(at: .overall) == overall)
            #expect(try before.origins()[.effectiveness]?.asOf == last - 20)
        }
        #expect(try published { try $0.origins() }[.effectiveness]?.asOf == last)
    }

    @Test(arguments: [1, 200]) func manyDeltasAreFoundAsFewAre(patients: Int) async throws {
        var clinic = TestClinic()
        var random = TestRandom(3)
        for number in 0..<patients {
            let patient = clinic.patient(born: 1950 + number % 50)
            var recommendations = [clinic.recommendation("h", for: "c", to: patient, on: last - 10)]
            let diagnosis = try #require(clinic.diagnoses.last?.id)
            for herb in 1..<7 {
                recommendations.append(clinic.recommendation("h\(herb)", in: diagnosis, on: last - 10))
            }
            for recommendation in recommendations {
                clinic.rate(recommendation, Int.random(in: 1...5, using: &random), on: last - 5)
            }
        }
        try clinic.write(to: database)
        let publication = try await publish(asOf: last)
        #expect(publication.deltas == patients * 8)
        let isBatched = try count("deltas WHERE last_diagnosis_id IS NOT NULL") > 0
        #expect(isBatched == (patients == 200))
        clinic.rate(clinic.recommendations[0].id, 1, on: last)
        try clinic.write(to: database)
        _ = try await publish(asOf: last)

        // Page by page, each once, in order.
        var all: [Delta] = []
        while true {
            let page = try database.outbox(after: all.last?.sequence ?? 0, limit: 100) { _ in true }
            all += page.deltas
            if !page.isFull { break }
        }
        #expect(all.map(\.sequence) == (1...Int64(all.count)).map { $0 })
        #expect(try database.latestSequence() == Int64(all.count))
        for diagnosis in clinic.diagnoses.map(\.id) {
            let own = all.filter { $0.diagnosis == diagnosis }
            #expect(
                try database.missed(
                    of: diagnosis, after: 0, upTo: nil, limit: 100, bytes: .max
                ).deltas == own)
            let rest = try database.missed(
                of: diagnosis, after: own[3].sequence, upTo: nil, limit: 100, bytes: .max
            ).deltas
            #expect(rest == Array(own.dropFirst(4)))
            #expect(
                try database.missed(
                    of: diagnosis, after: own[3].sequence, upTo: nil, limit: 3, bytes: .max
                ).deltas == nil)
        }
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
