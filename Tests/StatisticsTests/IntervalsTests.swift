import Statistics
import Testing

@Suite(.timeLimit(.minutes(30))) struct IntervalsTests {
    @Test(
        arguments: [
            (9, 9, 0.700854952, 1.0), (1, 2, 0.094531206, 0.905468794), (0, 1, 0.0, 0.793450686),
            (4, 6, 0.299993315, 0.903228589),
        ])
    func wilson(successes: Int, samples: Int, low: Double, high: Double) {
        let interval = wilsonInterval(successes: successes, samples: samples)
        #expect(abs(interval.lowerBound - low) < 1e-9)
        #expect(abs(interval.upperBound - high) < 1e-9)
    }

    /// The examples of Newcombe (1998), table II, method 10: 56/70 − 48/80, 9/10 − 3/10, 10/10 − 0/20.
    @Test(arguments: [
        (56, 70, 48, 80, 0.0524, 0.3339), (9, 10, 3, 10, 0.1705, 0.8090), (10, 10, 0, 20, 0.6791, 1.0),
        (5, 56, 0, 29, -0.0381, 0.1926),
    ])
    func intervalsOfDifferences(a: Int, m: Int, b: Int, n: Int, low: Double, high: Double) {
        func wilson(_ successes: Int, _ samples: Int) -> ClosedRange<Double> {
            wilsonInterval(successes: successes, samples: samples)
        }
        let interval = differenceInterval(
            Double(a) / Double(m), wilson(a, m), less: Double(b) / Double(n), wilson(b, n))
        #expect(abs(interval.lowerBound - low) < 0.0001)
        #expect(abs(interval.upperBound - high) < 0.0001)
    }
}
