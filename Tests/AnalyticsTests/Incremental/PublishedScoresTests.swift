import Domain
import TestSupport
import Testing

@testable import Analytics

@Suite(.timeLimit(.minutes(30))) struct PublishedScoresTests {
    private let last = day("2026-10-20")

    private func clinic() throws -> Clinic {
        var clinic = TestClinic()
        let first = clinic.recommendation("a", for: "c", to: clinic.patient(), on: last - 5)
        clinic.recommendation("b", in: DiagnosisID(rawValue: 1), on: last - 5)
        clinic.rate(first, 5, on: last)
        return try clinic.columns(asOf: last)
    }

    private func row(_ clinic: Clinic, rank: Int32 = 1) -> PublishedPrediction {
        PublishedPrediction(
            diagnosis: clinic.diagnoses.ids[0], treatment: clinic.treatment(of: 1), similarPatients: 20,
            similarSuccesses: 7, rank: rank, lastPublishedScore: 0.625)
    }

    @Test("a row is read as it was set, and positions without one have none")
    func rows() throws {
        let clinic = try clinic()
        var scores = PublishedScores()
        #expect(scores.row(of: 1, in: clinic) == nil)
        scores.set(row(clinic), of: 1)
        #expect(scores.row(of: 1, in: clinic) == row(clinic))
        #expect(scores.row(of: 0, in: clinic) == nil && scores.row(of: 2, in: clinic) == nil)
        scores.set(row(clinic, rank: 2), of: 1)
        #expect(scores.row(of: 1, in: clinic)?.rank == 2)
        scores.set(nil, of: 1)
        #expect(scores.row(of: 1, in: clinic) == nil)
    }

    @Test("an outcome is the published one where both of its counts are")
    func outcomes() throws {
        let clinic = try clinic()
        var scores = PublishedScores(Keyed(), recommendations: 2)
        #expect(!scores.has(.init(patients: 0, successes: 0), of: 1))
        scores.set(row(clinic), of: 1)
        #expect(scores.has(.init(patients: 20, successes: 7), of: 1))
        #expect(!scores.has(.init(patients: 20, successes: 8), of: 1))
        #expect(!scores.has(.init(patients: 19, successes: 7), of: 1))
        #expect(!scores.has(.init(patients: 20, successes: 7), of: 0))
        #expect(!scores.has(.init(patients: 20, successes: 7), of: 9))
    }

    @Test("the evidence of treatments is replaced and removed")
    func evidence() throws {
        let treatment = try clinic().treatment(of: 0)
        let evidence = HistoricalEvidence(basis: .herb90, samples: 9, successes: 4)
        var scores = PublishedScores(Keyed(keys: [treatment], values: [evidence]), recommendations: 0)
        #expect(scores[treatment] == evidence && scores[.all] == nil)
        scores[treatment] = nil
        #expect(scores[treatment] == nil)
    }
}
