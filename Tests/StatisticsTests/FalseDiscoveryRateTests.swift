import Statistics
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30))) struct FalseDiscoveryRateTests {
    @Test func qValuesOfBenjaminiAndHochberg() {
        let q = qValues(of: [0.01, nil, 0.04, 0.03, 0.005, nil])
        let expected: [Double?] = [0.02, nil, 0.04, 0.04, 0.02, nil]
        for (computed, expected) in zip(q, expected) {
            #expect((computed == nil) == (expected == nil))
            if let computed, let expected { #expect(abs(computed - expected) < 1e-12) }
        }
        #expect(qValues(of: [nil, nil]) == [nil, nil])
        #expect(qValues(of: []).isEmpty)
    }

    @Test(arguments: 0..<20)
    func qValuesKeepTheOrderAndNeverFallBelowP(seed: Int) {
        var random = TestRandom(seed + 1)
        let p = (0..<50).map { _ in Double(Int.random(in: 0...20, using: &random)) / 20 }
        let q = qValues(of: p.map { $0 }).map { $0 ?? -1 }
        for left in p.indices {
            #expect(q[left] >= p[left] - 1e-12 && q[left] <= 1)
            for right in p.indices where p[left] <= p[right] { #expect(q[left] <= q[right]) }
        }
    }
}
