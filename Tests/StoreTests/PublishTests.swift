import Analytics
import Domain
import Foundation
import Testing
import TestSupport

@testable import Store

/// Publishing writes what changed, keeps what it supersedes, and tells live clients.
struct PublishTests {
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
        let effectiveness = effectiveness(of: clinic, successRating: success)
        var results = Results(asOf: asOf, herbs: clinic.herbs.termNames, conditions: clinic.conditions.termNames)
        results.effectiveness = effectiveness
        results.trends = effectiveness.tallies.mapValues { trends(of: $0) }
        results.cohorts = cohorts(of: clinic, tallies: effectiveness.tallies[.cohort] ?? Keyed())
        results.predictions = await scores(of: clinic, tallies: effectiveness.tallies, successRating: success)
            .predictions
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
        let computed = effectiveness(of: clinic, successRating: success)
        for level in Level.allCases {
            #expect(try published { try $0.tallies(at: level) } == computed.tallies[level])
            #expect(try published { try $0.trends(at: level) } == trends(of: computed.tallies[level] ?? Keyed()))
        }
        #expect(try published { try $0.priors() } == computed.priors)
        #expect(try published { try $0.names() }.herbs == clinic.herbs.termNames)
        let predictions = await scores(of: clinic, tallies: computed.tallies, successRating: success).predictions
        #expect(try published { try $0.predictions() } == predictions)
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
        var known = Announcements(from: Keyed(), to: rows(0.50))
        #expect(known.diagnoses.count == 1)
        for (score, isTold) in [(0.52, false), (0.54, false), (0.55, true), (0.58, false), (0.50, true)] {
            known = Announcements(from: known.rows, to: rows(score))
            #expect(known.diagnoses.isEmpty == !isTold, "\(score)")
        }
    }

    @Test func aReaderSeesOnePublication() async throws {
        try TestClinic.random(5, patients: 10, recommendations: 30, feedback: 100, until: last).write(to: database)
        _ = try await publish(asOf: last - 20)
        let clinic = try database.clinic(asOf: last, in: .utc)
        var results = Results(asOf: last, herbs: clinic.herbs.termNames, conditions: clinic.conditions.termNames)
        results.effectiveness = effectiveness(of: clinic, successRating: success)
        try published { before in
            let overall = try before.tallies(at: .overall)
            _ = try database.publish(results, of: clinic, run: RunID(rawValue: 1), at: Instant(seconds: 60))
            #expect(try before.tallies(at: .overall) == overall)
            #expect(try before.origins()[.effectiveness]?.asOf == last - 20)
        }
        #expect(try published { try $0.origins() }[.effectiveness]?.asOf == last)
    }

    @Test func deltasSurviveTheirText() throws {
        let ranking = Delta.Change.ranking([
            RankedRecommendation(
                recommendation: RecommendationID(rawValue: 5), herb: TermID(rawValue: 7),
                prediction: Prediction(
                    diagnosis: DiagnosisID(rawValue: 3), basis: .herb90, historicalSamples: 9, historicalSuccesses: 4,
                    similarPatients: 20, similarSuccesses: 11, score: 0.1 + 0.2, confidence: 1.0 / 3, rank: 1))
        ])
        let counts = Self.counts(1, 2, 3, 4, 5, 6)
        let changes: [Delta.Change] = [
            ranking, .ranking([]),
            .effectiveness(recommendation: RecommendationID(rawValue: 9), old: nil, new: counts),
            .effectiveness(recommendation: RecommendationID(rawValue: 9), old: counts, new: nil),
        ]
        for change in changes {
            #expect(
                Delta.Change(
                    kind: change.kind, storedText: change.storedText, diagnosis: DiagnosisID(rawValue: 3))
                    == change)
        }
    }
}
