import Domain
import Statistics
import Testing

@Suite(.timeLimit(.minutes(30))) struct PatientDistanceTests {
    @Test(arguments: [(0, 0.0), (10, 0.25), (40, 1.0), (41, 1.0), (100, 1.0)] as [(Int32, Double)])
    func ageTermGrowsToOneAtFortyYears(years: Int32, term: Double) {
        #expect(PatientDistance.age(years: years) == term)
    }

    @Test(
        "the symptom term is 1 less Jaccard, and 1 where a set is empty",
        arguments: [(3, 6, 0.0), (1, 4, 1 - 1.0 / 3), (0, 5, 1.0), (0, 0, 1.0)] as [(Int32, Int32, Double)])
    func symptoms(overlap: Int32, sizes: Int32, term: Double) {
        #expect(PatientDistance.symptoms(overlap: overlap, sizes: sizes) == term)
    }

    @Test func totalIsTheSumInBillionths() {
        #expect(PatientDistance.total(condition: 1, age: 0.5, sex: 0.5, symptoms: 1 - 1.0 / 3) == 2_666_666_667)
    }

    @Test("the nearer neighbour comes first, then the newer case, then the smaller patient id")
    func order() {
        func neighbour(_ distance: Int64, _ seconds: Int64, _ patient: Int32) -> Proximity {
            Proximity(distance: distance, recency: Recency(instant: Instant(seconds: seconds), patient: patient))
        }
        let sorted = [
            neighbour(1, 10, 9), neighbour(2, 20, 3), neighbour(2, 20, 4), neighbour(2, 10, 1), neighbour(3, 90, 1),
        ]
        for (nearer, farther) in zip(sorted, sorted.dropFirst()) { #expect(nearer < farther) }
    }
}
