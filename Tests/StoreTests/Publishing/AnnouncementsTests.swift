import Domain
import Testing

@testable import Store

/// Which rankings are news for live clients.
@Suite(.timeLimit(.minutes(30))) struct AnnouncementsTests {
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
}
