import Domain
import GRDB
import TestSupport
import Testing

@testable import Store
@testable import StoreSQLite

/// What a follower missed can be read in parts of bounded size, which together are all that was missed.
@Suite(.timeLimit(.minutes(30))) struct MissedTests {
    private let folder: TemporaryFolder
    private let database: SQLiteDatabase
    private let now = instant("2026-10-20T12:00:00Z")
    private let diagnosis = DiagnosisID(rawValue: 2)

    init() throws {
        folder = try TemporaryFolder()
        database = try SQLiteDatabase(
            in: folder,
            with: TestClinic.random(1, patients: 3, recommendations: 5, feedback: 5, until: day("2026-01-01")))
    }

    private func change(_ number: Int64, for audience: Delta.Audience) -> Delta.Change {
        let count = WindowCounts.Count(samples: Int32(number + 1), successes: 1)
        let counts = WindowCounts(days30: count, days90: count, all: count)
        let recommendation = RecommendationID(rawValue: 1 + number % 5)
        return switch audience {
        case .staff: .effectiveness(recommendation: recommendation, old: nil, new: counts)
        case .patient where number % 2 == 0:
            .ownEffectiveness(recommendation: recommendation, old: counts, new: nil)
        case .patient:
            .patientRanking([
                PatientPlace(
                    recommendation: recommendation,
                    prediction: PatientPrediction(
                        rank: Int32(number), tenths: number % 3 == 0 ? nil : Int8(number % 11),
                        experience: Experience.allCases[Int(number % 4)],
                        basis: ExperienceBasis.allCases[Int(number / 4 % 2)],
                        similar: number % 5 < 3 ? SimilarShare.allCases[Int(number % 5)] : nil))
            ])
        }
    }

    /// Writes messages of several sizes for several diagnoses, and publications as batches or one by one.
    private func fill(_ random: inout TestRandom, rounds: Int) throws {
        try database.write { db in
            let outbox = DeltaTable(db)
            for round in 1...rounds {
                let run = RunID(rawValue: Int64(round))
                var sequence = try outbox.latestSequence()
                switch Int.random(in: 0..<4, using: &random) {
                case 0:
                    var batch = DeltaBatch()
                    for owner in 1...5 as ClosedRange<Int64> {
                        for number in 0..<Int64.random(in: 0...3, using: &random) {
                            batch.append(
                                change(number, for: Bool.random(using: &random) ? .staff : .patient),
                                of: DiagnosisID(rawValue: owner))
                        }
                    }
                    let row = batch.takeRow(after: &sequence, isBatch: true, run: run, at: now)
                    if let row { try outbox.append(row) }
                case 1:
                    var single = DeltaBatch()
                    single.append(
                        change(Int64(round), for: Bool.random(using: &random) ? .staff : .patient), of: diagnosis)
                    let row = single.takeRow(after: &sequence, isBatch: false, run: run, at: now)
                    if let row { try outbox.append(row) }
                default:
                    let text = String(repeating: "x", count: Int.random(in: 0...3000, using: &random))
                    try db.execute(
                        sql: "INSERT INTO deltas (run_id, diagnosis_id, type, data, at) VALUES (0, ?, ?, ?, ?)",
                        arguments: [
                            Int64.random(in: 1...3, using: &random), Delta.Kind.feedback.rawValue,
                            "{\"text\":\"\(text)\"}", now.microseconds,
                        ])
                }
            }
        }
    }

    private func size(_ delta: Delta) -> Int {
        switch delta.change {
        case .broadcast(_, let json): json.utf8.count
        case .patientRanking: 24
        default: 32
        }
    }

    /// All parts.
    private func parts(
        for audience: Delta.Audience, after sequence: Int64, limit: Int, bytes: Int
    ) throws -> [MissedPart] {
        var parts = [
            try database.missed(of: diagnosis, for: audience, after: sequence, upTo: nil, limit: limit, bytes: bytes)
        ]
        while let part = parts.last, part.hasMore {
            let last = try #require(part.deltas?.last)
            parts.append(
                try database.missed(
                    of: diagnosis, for: audience, after: last.sequence, upTo: parts[0].last, limit: limit, bytes: bytes)
            )
        }
        return parts
    }

    @Test(
        "the parts together are what one read of all gives an audience", arguments: 1...8,
        [Delta.Audience.staff, .patient])
    func parts(seed: Int, audience: Delta.Audience) throws {
        var random = TestRandom(seed)
        try fill(&random, rounds: 60)
        let newest = try database.latestSequence(of: diagnosis, for: audience)
        let others: Delta.Audience = audience == .staff ? .patient : .staff
        #expect(
            try database.outbox(after: 0, limit: .max) { $0 == diagnosis }.deltas.last { $0.isFor(audience) }?.sequence
                ?? 0 == newest)
        for bytes in [1, 500, 4000, .max] {
            let sequence = Int64.random(in: 0...newest, using: &random)
            let all = try database.outbox(after: sequence, limit: .max) { $0 == diagnosis }
            let parts = try parts(for: audience, after: sequence, limit: 100, bytes: bytes)
            let expected = all.deltas.filter { $0.change.audience != others }
            #expect(parts.flatMap { $0.deltas ?? [] } == expected, "seed \(seed), after \(sequence)")
            #expect(parts[0].count == expected.count && parts[0].last == newest)
            var left = expected.count
            for part in parts {
                #expect(part.count == left && part.last == newest && part.state == nil)
                let deltas = part.deltas ?? []
                left -= deltas.count
                // It ends with the delta that makes it as large as it may be.
                #expect(deltas.dropLast().map(size).reduce(0, +) < bytes)
                #expect(!part.hasMore || deltas.map(size).reduce(0, +) >= bytes && !deltas.isEmpty)
                for change in deltas.map(\.change) {
                    switch change {
                    case .effectiveness(let recommendation, _, _):
                        #expect(part.herbs.displayed[recommendation] != nil)
                    case .ownEffectiveness(let recommendation, _, _):
                        #expect(part.herbs.entered[recommendation] != nil)
                    case .patientRanking(let places):
                        #expect(places.allSatisfy { part.herbs.entered[$0.recommendation] != nil })
                    case .ranking, .feedback, .broadcast: break
                    }
                }
            }
        }
    }
}
