import Synchronization
import Testing

@testable import Relay

@Suite(.timeLimit(.minutes(5))) struct ThrottledErrorReporterTests {
    private struct Fault: Error, Equatable {
        let number: Int
    }

    @Test("reports the first of many errors at once, and another one after a second")
    func throttling() async throws {
        let reported = Mutex<[Fault?]>([])
        let reporter = ThrottledErrorReporter { error in reported.withLock { $0.append(error as? Fault) } }
        let start = ContinuousClock.now
        for number in 1...1000 { reporter.report(Fault(number: number)) }
        let count = reported.withLock { $0.count }
        // On a machine so busy that this took seconds, there is one for each.
        #expect(count >= 1 && count <= 1 + Int((ContinuousClock.now - start) / .seconds(1)))
        #expect(reported.withLock { $0.first } == Fault(number: 1))
        try await Task.sleep(for: .seconds(1.1))
        reporter.report(Fault(number: 1001))
        #expect(reported.withLock { $0.last } == Fault(number: 1001))
    }
}
