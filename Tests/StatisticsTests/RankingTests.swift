import Domain
import Statistics
import Testing

@Suite(.timeLimit(.minutes(30))) struct RankingTests {
    @Test func ranksByScoreThenConfidenceThenNumber() {
        func prediction(_ successes: Int32, of samples: Int32) -> Prediction {
            Prediction(
                diagnosis: DiagnosisID(rawValue: 1),
                evidence: HistoricalEvidence(basis: .treatment90, samples: samples, successes: successes),
                similarPatients: 0,
                similarSuccesses: 0)
        }
        let candidates = [
            prediction(1, of: 2), prediction(5, of: 10), prediction(1, of: 2), prediction(9, of: 10),
        ]
        #expect(ranking(of: candidates, at: .balanced) == [3, 1, 0, 2])
        // At 1.15 both of the best saturate at 1, so confidence decides.
        let saturated = [prediction(5, of: 5), prediction(99, of: 100)]
        #expect(ranking(of: saturated, at: .balanced) == [0, 1])
        #expect(ranking(of: saturated, at: .aggressive) == [1, 0])
    }
}
