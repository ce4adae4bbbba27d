import Domain
import Statistics
import Testing

@Suite(.timeLimit(.minutes(30))) struct DeltasTests {
    private let diagnosis = DiagnosisID(rawValue: 1)

    private func prediction(score: Double, rank: Int32 = 1, diagnosis: DiagnosisID? = nil) -> Prediction {
        Prediction(
            diagnosis: diagnosis ?? self.diagnosis, basis: .treatment90, historicalSamples: 7, historicalSuccesses: 3,
            similarPatients: 0, similarSuccesses: 0, score: score, confidence: 0.9, rank: rank)
    }

    @Test(
        "a score calls for an update once it differs by 0.05 from the last published one",
        arguments: [(0.55, 0.60, true), (0.60, 0.55, true), (0.55, 0.5999, false), (0.55, 0.55, false)])
    func score(before: Double, after: Double, expected: Bool) {
        let published = PublishedPrediction(prediction(score: 0.9), of: .all, lastPublishedScore: before)
        #expect(published.callsForUpdate(to: prediction(score: after)) == expected)
    }

    @Test("another rank or diagnosis calls for an update")
    func rank() {
        let published = PublishedPrediction(prediction(score: 0.5), of: .all, lastPublishedScore: 0.5)
        #expect(published.callsForUpdate(to: prediction(score: 0.5, rank: 2)))
        #expect(published.callsForUpdate(to: prediction(score: 0.5, diagnosis: DiagnosisID(rawValue: 2))))
    }
}
