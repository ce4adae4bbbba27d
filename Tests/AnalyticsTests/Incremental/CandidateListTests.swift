import Domain
import Statistics
import TestSupport
import Testing

@testable import Analytics

@Suite(.timeLimit(.minutes(30))) struct CandidateListTests {
    @Test("a list finds what comparing all candidates finds, whatever was inserted and removed", arguments: 1...20)
    func changes(seed: Int) {
        var source = Candidates(seed)
        var known = [Int32: CandidateIndex.Candidate](
            uniqueKeysWithValues: (0..<30).map { ($0, source.candidate($0)) })
        var list = CandidateList(Array(known.values))
        for round in 0..<40 {
            for _ in 0..<5 {
                let patient = Int32(source.number(0..<60))
                if let old = known.removeValue(forKey: patient) { list.remove(old) }
                guard source.number(0..<3) > 0 else { continue }
                let new = source.candidate(patient)
                known[patient] = new
                list.insert(new)
            }
            let (own, patient) = (source.features(), Int32(source.number(0..<60)))
            let found = list.nearest(to: own, of: patient, source.sets)
            let expected = source.nearest(of: known.values, to: own, of: patient)
            #expect(found.found.map(\.proximity) == expected.map(\.proximity), "round \(round)")
            #expect(found.found.map(\.isSuccess) == expected.map(\.isSuccess), "round \(round)")
            let finding = found.finding
            #expect(finding.outcome.patients == Int32(expected.count))
            #expect(finding.outcome.successes == Int32(expected.count { $0.isSuccess }))
            #expect(finding.reach == (expected.count == PatientDistance.neighbours ? expected.last?.proximity : nil))
        }
    }

    @Test("a list without candidates, or with the patient alone, finds nobody")
    func nobody() {
        var source = Candidates(1)
        let own = source.candidate(3)
        var list = CandidateList()
        #expect(list.nearest(to: own.features, of: 3, source.sets).found.isEmpty)
        list.insert(own)
        #expect(list.nearest(to: own.features, of: 3, source.sets).finding.outcome.patients == 0)
        #expect(list.nearest(to: own.features, of: 4, source.sets).finding.outcome.patients == 1)
    }

    @Test("removing a candidate that is not there changes nothing")
    func absent() {
        var source = Candidates(1)
        let (there, other) = (source.candidate(1), source.candidate(2))
        var list = CandidateList([there])
        list.remove(other)
        #expect(list.nearest(to: there.features, of: 9, source.sets).found.count == 1)
        list.remove(there)
        list.remove(there)
        #expect(list.nearest(to: there.features, of: 9, source.sets).found.isEmpty)
    }
}
