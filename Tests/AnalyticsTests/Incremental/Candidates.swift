import Domain
import Statistics
import TestSupport

@testable import Analytics

/// Candidates of few conditions, symptoms, years and instants, so that many are equally near.
struct Candidates {
    let sets: SymptomSets
    private(set) var random: TestRandom

    init(_ seed: Int) {
        var random = TestRandom(seed)
        var sets = SymptomSets()
        sets.append([])
        for _ in 1..<8 { sets.append((1...6 as ClosedRange<Int32>).filter { _ in Bool.random(using: &random) }) }
        self.sets = sets
        self.random = random
    }

    mutating func features() -> PatientFeatures {
        PatientFeatures(
            condition: .random(in: 0..<3, using: &random), symptomSet: .random(in: 0..<8, using: &random),
            sex: [1, 2, 4].randomElement(using: &random) ?? 1,
            birthYear: Int.random(in: 0..<5, using: &random) == 0
                ? PatientColumns.unknownYear : .random(in: 1950...1990, using: &random))
    }

    /// The candidate that a patient is.
    mutating func candidate(_ patient: Int32) -> CandidateIndex.Candidate {
        CandidateIndex.Candidate(
            features: features(),
            recency: Recency(instant: Instant(seconds: .random(in: 0..<4, using: &random)), patient: patient),
            isSuccess: Bool.random(using: &random))
    }

    mutating func number(_ range: Range<Int>) -> Int { Int.random(in: range, using: &random) }

    /// The nearest 20 of candidates, by comparing all of them.
    func nearest(
        of candidates: some Sequence<CandidateIndex.Candidate>, to own: PatientFeatures, of patient: Int32
    ) -> [(proximity: Proximity, isSuccess: Bool)] {
        let all = candidates.filter { $0.recency.patient != patient }.map { candidate in
            let distance = PatientDistance.between(own, candidate.features, sets)
            return (
                proximity: Proximity(distance: distance, recency: candidate.recency), isSuccess: candidate.isSuccess
            )
        }
        return Array(all.sorted { $0.proximity < $1.proximity }.prefix(PatientDistance.neighbours))
    }
}
