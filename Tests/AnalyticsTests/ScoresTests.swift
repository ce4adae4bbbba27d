import Domain
import Testing
import TestSupport

@testable import Analytics

@Suite(.timeLimit(.minutes(30))) struct ScoresTests {
    private let last = day("2026-10-20")
    private let success = Rating.defaultSuccess

    private func predictions(_ clinic: TestClinic) async throws -> Keyed<RecommendationID, Prediction> {
        let columns = try clinic.columns(asOf: last)
        let tallies = effectiveness(of: LinkedClinic(columns), successRating: success).tallies
        return await scores(of: LinkedClinic(columns), tallies: tallies, successRating: success).scores.predictions
    }

    @Test func withoutCasesOrSimilarPatientsTheScoreIsNeutral() async throws {
        var clinic = TestClinic()
        let recommendation = clinic.recommendation("a", for: "c", to: clinic.patient(), on: last)
        let prediction = try #require(try await predictions(clinic)[recommendation])
        #expect(prediction.basis == .none)
        #expect(prediction.historicalSamples == 0)
        #expect(prediction.similar == 0.5)
        #expect(abs(prediction.score(at: .balanced) - 0.55) < 1e-12)
        #expect(abs(prediction.confidence - 0.3) < 1e-12)
        #expect(!prediction.meetsConfidence(at: .aggressive))
        #expect(prediction.meetsConfidence(at: .conservative))
    }

    @Test(
        "history falls back step by step",
        arguments: [
            ("herb", "condition", 10, HistoricalBasis.treatment90), ("herb", "condition", 95, .treatmentAll),
            ("herb", "other", 10, .herb90), ("herb", "other", 95, .herbAll), ("other", "condition", 95, .overallAll),
        ])
    func historyFallsBack(herb: String, condition: String, daysAgo: Int, expected: HistoricalBasis) async throws {
        var clinic = TestClinic()
        let elsewhere = clinic.recommendation(herb, for: condition, to: clinic.patient(), on: last - 200)
        clinic.rate(elsewhere, 5, on: last - daysAgo)
        let recommendation = clinic.recommendation("herb", for: "condition", to: clinic.patient(), on: last)
        #expect(try await predictions(clinic)[recommendation]?.basis == expected)
    }

    @Test func onlyActiveDiagnosesAndWhatTheyHoldByThen() async throws {
        var clinic = TestClinic()
        let patient = clinic.patient()
        clinic.recommendation("a", for: "c", to: patient, on: last - 90)  // too old
        let fresh = clinic.recommendation("a", for: "c", to: patient, on: last - 89)
        let revived = clinic.recommendation("a", for: "c", to: patient, on: last - 300)
        clinic.rate(revived, 4, on: last - 89)
        clinic.recommendation("a", for: "c", to: patient, on: last + 1)  // not there yet
        clinic.recommendation("b", in: DiagnosisID(rawValue: 2), on: last + 1)
        #expect(try await predictions(clinic).keys == [fresh, revived])
    }
}
