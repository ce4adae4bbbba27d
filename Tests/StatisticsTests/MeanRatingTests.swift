import Statistics
import Testing

/// Values worked out by hand from "Mean rating", with t from the series: 4.171205 at 2, 2.769373 at 4.
@Suite(.timeLimit(.minutes(30))) struct MeanRatingTests {
    @Test(arguments: [
        ([1, 1, 1, 1, 1], 1.009388, 4.990612),  // 3 ± 2.769373·√((2.5 + 1/12)/5)
        ([0, 0, 0, 0, 2], 4.148556, 5),  // 5 ± 4.171205·√(1/24)
        ([0, 0, 2, 0, 0], 2.148556, 3.851444),
        ([0, 0, 0, 0, 1], 3.795877, 5),  // one rating: the step alone, with the widest t
        ([0, 0, 1, 0, 0], 1.795877, 4.204123),
        ([1, 0, 0, 0, 1], 1, 5),  // limited to the scale
    ])
    func isMeanPlusOrMinusTTimesTheSpread(counts: [Int], low: Double, high: Double) {
        let interval = meanRatingInterval(counts: counts)
        #expect(abs(interval.lowerBound - low) < 1e-6, "\(interval)")
        #expect(abs(interval.upperBound - high) < 1e-6, "\(interval)")
    }

    @Test(arguments: 1...5) func equalRatingsAreNeverAPoint(stars: Int) {
        for count in [1, 2, 3, 10, 1000, 1_000_000] {
            var counts = [0, 0, 0, 0, 0]
            counts[stars - 1] = count
            let interval = meanRatingInterval(counts: counts)
            #expect(interval.lowerBound < interval.upperBound)
            #expect(interval.contains(Double(stars)))
            #expect(interval.lowerBound >= 1 && interval.upperBound <= 5)
        }
    }

    @Test func getsNarrowerWithMoreRatings() {
        let widths = [1, 2, 4, 8, 16, 32].map { count in
            let interval = meanRatingInterval(counts: [0, count, count, count, 0])
            return interval.upperBound - interval.lowerBound
        }
        #expect(zip(widths, widths.dropFirst()).allSatisfy { $0 > $1 })
    }
}
