import Domain
import Statistics
import Testing

@Suite(.timeLimit(.minutes(30))) struct EnsembleScoreTests {
    @Test func scoreOfACountedExample() {
        let prediction = Prediction(
            diagnosis: DiagnosisID(rawValue: 1),
            evidence: HistoricalEvidence(basis: .treatment90, samples: 62, successes: 41), similarPatients: 10,
            similarSuccesses: 5)
        #expect(abs(prediction.historical - 0.661290323) < 1e-9)
        #expect(prediction.similar == 0.5)
        #expect(abs(prediction.score(at: .conservative) - 0.522338710) < 1e-9)
        #expect(abs(prediction.score(at: .balanced) - 0.614516129) < 1e-9)
        #expect(abs(prediction.score(at: .aggressive) - 0.706693548) < 1e-9)
        #expect(abs(prediction.confidence - 0.985483871) < 1e-9)
        #expect(prediction.meetsConfidence(at: .aggressive))
    }

    @Test("the evidence is the first that has a case: treatment, herb, overall, the last 90 days before all")
    func evidenceFallsBack() {
        func tallies(_ last90Days: Int32, _ all: Int32) -> WindowTallies {
            var tallies = WindowTallies()
            tallies.days90.samples = last90Days
            tallies.all.samples = all
            return tallies
        }
        func basis(_ treatment: WindowTallies?, _ herb: WindowTallies?, _ overall: WindowTallies?) -> HistoricalBasis {
            HistoricalEvidence(treatment: treatment, herb: herb, overall: overall).basis
        }
        #expect(basis(tallies(1, 2), tallies(3, 4), tallies(5, 6)) == .treatment90)
        #expect(basis(tallies(0, 2), tallies(3, 4), tallies(5, 6)) == .treatmentAll)
        #expect(basis(nil, tallies(3, 4), tallies(5, 6)) == .herb90)
        #expect(basis(nil, tallies(0, 4), tallies(5, 6)) == .herbAll)
        #expect(basis(nil, nil, tallies(5, 6)) == .overallAll)
        #expect(basis(nil, nil, nil) == .none)
        let evidence = HistoricalEvidence(treatment: tallies(0, 2), herb: nil, overall: nil)
        #expect(evidence.samples == 2)
    }
}
