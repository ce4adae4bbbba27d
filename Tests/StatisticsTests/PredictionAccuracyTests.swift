import Statistics
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30))) struct PredictionAccuracyTests {
    @Test func withoutCasesThereIsNothingToCompare() {
        let accuracy = PredictionAccuracy()
        #expect(accuracy.cases == 0)
        #expect(accuracy.meanPredicted == nil && accuracy.observed == nil && accuracy.brierScore == nil)
    }

    @Test("a certain score is right or as wrong as can be", arguments: [0.0, 1.0], [true, false])
    func certainty(score: Double, isSuccess: Bool) {
        var accuracy = PredictionAccuracy()
        accuracy.add(predicted: score, isSuccess: isSuccess)
        #expect(accuracy.brierScore == ((score == 1) == isSuccess ? 0 : 1))
        #expect(accuracy.meanPredicted == score && accuracy.observed == (isSuccess ? 1 : 0))
    }

    @Test("the parts of a set of cases together say what all say", arguments: 1...20)
    func sums(seed: Int) throws {
        var random = TestRandom(seed)
        let cases = (0..<Int.random(in: 1...50, using: &random)).map { _ in
            (score: Double.random(in: 0...1, using: &random), isSuccess: Bool.random(using: &random))
        }
        var parts = [PredictionAccuracy(), PredictionAccuracy(), PredictionAccuracy()]
        for item in cases {
            parts[Int.random(in: 0..<3, using: &random)].add(predicted: item.score, isSuccess: item.isSuccess)
        }
        var whole = PredictionAccuracy()
        for part in parts { whole += part }

        var (scores, successes, squares) = (0.0, 0.0, 0.0)
        for item in cases {
            let outcome = item.isSuccess ? 1.0 : 0.0
            scores += item.score
            successes += outcome
            squares += (item.score - outcome) * (item.score - outcome)
        }
        let count = Double(cases.count)
        #expect(whole.cases == cases.count)
        let found = [try #require(whole.meanPredicted), try #require(whole.observed), try #require(whole.brierScore)]
        for (value, sum) in zip(found, [scores, successes, squares]) { #expect(abs(value - sum / count) < 1e-12) }
    }
}
