import Domain
import Testing

@testable import Analytics

struct TallyFiguresTests {
    private func tally(_ successes: Int32, of samples: Int32) -> Tally {
        var tally = Tally()
        tally.samples = samples
        tally.successes = successes
        return tally
    }

    @Test(
        arguments: [
            (9, 9, 0.700854952, 1.0), (1, 2, 0.094531206, 0.905468794), (0, 1, 0.0, 0.793450686),
            (4, 6, 0.299993315, 0.903228589),
        ])
    func wilsonInterval(successes: Int32, samples: Int32, low: Double, high: Double) {
        let interval = tally(successes, of: samples).interval
        #expect(abs(interval.lowerBound - low) < 1e-9)
        #expect(abs(interval.upperBound - high) < 1e-9)
    }

    @Test func intervalHoldsTheShareAndNarrowsWithSamples() {
        for samples: Int32 in 1...200 {
            for successes in 0...samples {
                let tally = tally(successes, of: samples)
                #expect(tally.interval.contains(tally.effectiveness))
                #expect(tally.interval.lowerBound >= 0 && tally.interval.upperBound <= 1)
            }
            let wider = tally(samples, of: 2 * samples).interval
            let narrower = tally(2 * samples, of: 4 * samples).interval
            #expect(narrower.upperBound - narrower.lowerBound < wider.upperBound - wider.lowerBound)
        }
    }

    @Test(arguments: [(1, 0.505), (10, 0.55), (100, 1.0), (5000, 1.0)])
    func confidenceGrowsToOneAtAHundred(samples: Int32, confidence: Double) {
        #expect(abs(tally(0, of: samples).confidence - confidence) < 1e-12)
    }

    @Test func meansAreOverTheCasesThatHaveTheValue() {
        var tally = tally(1, of: 4)
        #expect(tally.meanImprovement == nil)
        #expect(tally.meanCompliance == nil)
        tally.ratingSum = 14
        tally.improvements = 2
        tally.improvementSum = 7
        tally.compliances = 3
        tally.complianceSum = 1_500_000_000
        #expect(tally.meanRating == 3.5)
        #expect(tally.meanImprovement == 3.5)
        #expect(tally.meanCompliance == 0.5)
        #expect(Tally().meanRating == nil)
    }

    @Test func oneOfOneDoesNotOutrankManyOfMany() {
        let prior = Prior(a: 6, b: 4)
        #expect(tally(1, of: 1).adjusted(by: prior) < tally(480, of: 500).adjusted(by: prior))
        #expect(tally(0, of: 1).adjusted(by: .uninformed) == 1.0 / 3)
    }

    /// The examples of Newcombe (1998), table II, method 10: 56/70 − 48/80, 9/10 − 3/10, 10/10 − 0/20.
    @Test(arguments: [
        (56, 70, 48, 80, 0.0524, 0.3339), (9, 10, 3, 10, 0.1705, 0.8090), (10, 10, 0, 20, 0.6791, 1.0),
        (5, 56, 0, 29, -0.0381, 0.1926),
    ])
    func intervalsOfDifferences(a: Int, m: Int, b: Int, n: Int, low: Double, high: Double) {
        func wilson(_ successes: Int, _ samples: Int) -> ClosedRange<Double> {
            Analytics.wilsonInterval(successes: successes, samples: samples)
        }
        let interval = differenceInterval(
            Double(a) / Double(m), wilson(a, m), less: Double(b) / Double(n), wilson(b, n))
        #expect(abs(interval.lowerBound - low) < 0.0001)
        #expect(abs(interval.upperBound - high) < 0.0001)
    }
}
