import Analytics
import Domain
import Store
import TestSupport
import Testing

/// Publishing writes what changed, keeps what it supersedes, and tells live clients.
@Suite(.timeLimit(.minutes(30))) struct PublishTests {
    private let folder: TemporaryFolder
    private let success = Rating.defaultSuccess
    private let last = day("2026-10-20")

    init() throws { folder = try TemporaryFolder() }

    /// The number of superseded rows, which are deleted.
    private func supersededRows(in database: any ClinicStore) throws -> Int {
        try database.prune(before: last + 365, in: .utc).history
    }

    private static func counts(_ numbers: Int32...) -> WindowCounts {
        func count(_ first: Int) -> WindowCounts.Count {
            WindowCounts.Count(samples: numbers[first], successes: numbers[first + 1])
        }
        return WindowCounts(days30: count(0), days90: count(2), all: count(4))
    }

    @Test(arguments: StorageEngine.all) func readsBackWhatWasPublished(engine: StorageEngine) async throws {
        let database = try engine.open(in: folder)
        try TestClinic.random(3, patients: 20, recommendations: 60, feedback: 400, until: last).write(to: database)
        let publication = try await publish(asOf: last, in: database)
        let clinic = try database.clinic(asOf: last, in: .utc)
        let computed = effectiveness(of: LinkedClinic(clinic), successRating: success)
        for level in Level.allCases {
            #expect(try database.readPublished { try $0.tallies(at: level) } == computed.tallies[level])
            #expect(
                try database.readPublished { try $0.trends(at: level) }
                    == trends(of: computed.tallies[level] ?? Keyed()))
        }
        #expect(try database.readPublished { try $0.priors() } == computed.priors)
        #expect(try database.readPublished { try $0.names() }.herbs == clinic.herbs.termNames)
        let scores = await scores(of: LinkedClinic(clinic), tallies: computed.tallies, successRating: success).scores
        #expect(try database.readPublished { try $0.predictions() } == scores.predictions)
        #expect(try database.readPublished { try $0.publishedPredictions() }.evidence == scores.evidence)
        #expect(try database.readPublished { try $0.origins() }[.scores]?.asOf == last)
        #expect(publication.rows > 100)
    }

    @Test(arguments: StorageEngine.all) func aRerunWritesNoRowAndNoDelta(engine: StorageEngine) async throws {
        let database = try engine.open(in: folder)
        try TestClinic.random(4, patients: 20, recommendations: 60, feedback: 400, until: last).write(to: database)
        _ = try await publish(asOf: last, in: database)
        let deltas = try database.deltas()
        let again = try await publish(asOf: last, in: database)
        #expect(again.rows == 0)
        #expect(again.deltas == 0)
        #expect(try database.deltas() == deltas)
        #expect(try supersededRows(in: database) == 0)
    }

    @Test(arguments: StorageEngine.all) func withdrawnFeedbackTakesItsRowsAway(engine: StorageEngine) async throws {
        let database = try engine.open(in: folder)
        var clinic = TestClinic()
        let recommendation = clinic.recommendation("a", for: "c", to: clinic.patient(), on: last)
        clinic.rate(recommendation, 5, on: last)
        try clinic.write(to: database)
        _ = try await publish(asOf: last, in: database)
        clinic.feedback[0].deletedAt = clinic.feedback[0].createdAt
        try clinic.write(to: database)
        _ = try await publish(asOf: last + 1, in: database)
        #expect(try database.readPublished { try $0.tallies(at: .recommendation) }.count == 0)
        let change = try #require(
            try database.outbox(after: 0, limit: 100, where: { _ in true }).deltas.first { delta in
                if case .effectiveness(_, _, nil) = delta.change { true } else { false }
            })
        #expect(change.diagnosis == DiagnosisID(rawValue: 1))
        // All of effectiveness and trends, the cohort, and the prediction with its evidence.
        #expect(try supersededRows(in: database) >= 2 * Level.allCases.count + 1)
    }

    @Test(arguments: StorageEngine.all) func deltasSayWhatChangedInTheOrderOfCommits(engine: StorageEngine) async throws
    {
        let database = try engine.open(in: folder)
        var clinic = TestClinic()
        let first = clinic.recommendation("a", for: "c", to: clinic.patient(), on: last - 10)
        let second = clinic.recommendation("b", in: DiagnosisID(rawValue: 1), on: last - 10)
        clinic.rate(first, 5, on: last - 5)
        try clinic.write(to: database)
        _ = try await publish(asOf: last, in: database)
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
        _ = try await publish(asOf: last, in: database)
        let after = try database.outbox(after: before[1].sequence, limit: 100, where: { _ in true }).deltas
        #expect(after.map(\.sequence) == after.map(\.sequence).sorted())
        #expect(
            after.first?.change
                == .effectiveness(recommendation: second, old: nil, new: Self.counts(2, 2, 2, 2, 2, 2)))
        #expect(after.allSatisfy { $0.diagnosis == DiagnosisID(rawValue: 1) })
    }

    @Test(arguments: StorageEngine.all) func aDiagnosisThatIsNoLongerActiveIsToldItsRankingIsEmpty(
        engine: StorageEngine
    ) async throws {
        let database = try engine.open(in: folder)
        var clinic = TestClinic()
        clinic.recommendation("a", for: "c", to: clinic.patient(), on: last - 89)
        try clinic.write(to: database)
        _ = try await publish(asOf: last, in: database)
        _ = try await publish(asOf: last + 1, in: database)
        #expect(try database.outbox(after: 0, limit: 10, where: { _ in true }).deltas.last?.change == .ranking([]))
        #expect(try database.readPublished { try $0.predictions() }.count == 0)
    }

    @Test(arguments: StorageEngine.all) func aReaderSeesOnePublication(engine: StorageEngine) async throws {
        let database = try engine.open(in: folder)
        try TestClinic.random(5, patients: 10, recommendations: 30, feedback: 100, until: last).write(to: database)
        _ = try await publish(asOf: last - 20, in: database)
        let clinic = try database.clinic(asOf: last, in: .utc)
        var results = Results(asOf: last, herbs: clinic.herbs.termNames, conditions: clinic.conditions.termNames)
        results.effectiveness = effectiveness(of: LinkedClinic(clinic), successRating: success)
        try database.readPublished { before in
            let overall = try before.tallies(at: .overall)
            _ = try database.publish(results, of: clinic, run: RunID(rawValue: 1), at: Instant(seconds: 60))
            #expect(try before.tallies(at: .overall) == overall)
            #expect(try before.origins()[.effectiveness]?.asOf == last - 20)
        }
        #expect(try database.readPublished { try $0.origins() }[.effectiveness]?.asOf == last)
    }

    @Test(arguments: StorageEngine.all, [1, 200]) func manyDeltasAreFoundAsFewAre(engine: StorageEngine, patients: Int)
        async throws
    {
        let database = try engine.open(in: folder)
        var clinic = TestClinic.ranked(patients: patients, until: last)
        try clinic.write(to: database)
        let publication = try await publish(asOf: last, in: database)
        #expect(publication.deltas == patients * 8)
        clinic.rate(clinic.recommendations[0].id, 1, on: last)
        try clinic.write(to: database)
        _ = try await publish(asOf: last, in: database)

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
}
