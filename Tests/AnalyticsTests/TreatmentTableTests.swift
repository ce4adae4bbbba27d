import Domain
import TestSupport
import Testing

@testable import Analytics

/// Values of treatments are found again, however many treatments there could be.
@Suite(.timeLimit(.minutes(30))) struct TreatmentTableTests {
    @Test(arguments: [0, 34, 35]) func eachTreatmentHasTheValueThatWasMadeForIt(_ maxPairs: Int) {
        var clinic = Clinic(asOf: day("2026-10-20"))
        clinic.herbs.terms = (1...5).map { TermID(rawValue: $0) }
        clinic.conditions.terms = (1...7).map { TermID(rawValue: $0) }
        var table = TreatmentTable<Int>(of: clinic, maxPairs: maxPairs)
        var known: [Int: Int] = [:]
        var random = TestRandom(maxPairs)
        for _ in 0..<200 {
            let (herb, condition) = (Int.random(in: 0..<5, using: &random), Int.random(in: 0..<7, using: &random))
            let pair = 10 * herb + condition
            #expect(table.index(herb, condition).map { table.values[$0] } == known[pair])
            let made = known.count
            let index = table.index(herb, condition) { made }
            #expect(table.values[index] == known[pair] ?? made)
            known[pair] = known[pair] ?? made
        }
        #expect(table.values == Array(0..<known.count))
    }
}
