import Domain
import Statistics
import Testing

@Suite(.timeLimit(.minutes(30))) struct EffectivenessTests {
    private func tally(_ successes: Int32, of samples: Int32) -> Tally {
        var tally = Tally()
        tally.samples = samples
        tally.successes = successes
        return tally
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
}
