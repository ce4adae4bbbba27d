import Domain
import Statistics
import TestSupport
import Testing

@testable import Analytics

@Suite(.timeLimit(.minutes(30))) struct SimilarityCacheTests {
    private let group = Subject.cohort(.motadel, herb: TermID(rawValue: 1), condition: TermID(rawValue: 0))

    /// A cache with the candidates of patients 0, 1, …, and searches whose findings it knows.
    private struct Fixture {
        var source: Candidates
        var known: [Int32: CandidateIndex.Candidate]
        var cache = SimilarityCache()
        var searches: [SimilarityCache.Search] = []
        let group: Subject

        init(_ seed: Int, candidates: Int32, searches: Int32, in group: Subject) {
            var source = Candidates(seed)
            known = [Int32: CandidateIndex.Candidate](
                uniqueKeysWithValues: (0..<candidates).map { ($0, source.candidate($0)) })
            self.source = source
            self.group = group
            cache.add(Array(known.values), to: group)
            for recommendation in 0..<searches {
                self.searches.append(
                    SimilarityCache.Search(
                        recommendation: recommendation, features: self.source.features(),
                        patient: Int32(self.source.number(0..<Int(candidates) + 5))))
            }
            search()
        }

        /// Searches again where no finding is known.
        mutating func search() {
            for search in searches where cache.finding(of: search, in: group) == nil {
                cache.store(cache.nearest(of: search, in: group, source.sets).finding, of: search, in: group)
            }
        }

        /// Gives a patient another candidate, or none.
        mutating func change(_ patient: Int32, to new: CandidateIndex.Candidate?) {
            cache.apply(.init(old: known[patient], new: new), of: patient, in: group, source.sets)
            known[patient] = new
        }
    }

    @Test("a known finding is what a search finds, after any changes of candidates", arguments: [5, 20, 21, 60], 1...5)
    func changes(candidates: Int32, seed: Int) {
        var fixture = Fixture(seed, candidates: candidates, searches: 40, in: group)
        var kept = 0
        for _ in 0..<60 {
            let patient = Int32(fixture.source.number(0..<Int(candidates)))
            fixture.change(patient, to: fixture.source.number(0..<4) == 0 ? nil : fixture.source.candidate(patient))
            for search in fixture.searches {
                guard let finding = fixture.cache.finding(of: search, in: group) else {
                    #expect(fixture.cache.changed.contains(search.recommendation))
                    continue
                }
                kept += 1
                let nearest = fixture.source.nearest(
                    of: fixture.known.values, to: search.features, of: search.patient)
                #expect(finding.outcome.patients == Int32(nearest.count))
                #expect(finding.outcome.successes == Int32(nearest.count { $0.isSuccess }))
            }
            fixture.search()
        }
        #expect(kept > 0)
    }

    @Test("a candidate beyond the reach of a search, or of its own patient, leaves its finding")
    func unaffected() throws {
        var fixture = Fixture(1, candidates: 60, searches: 40, in: group)
        let beyond = fixture.searches.filter { search in
            guard let reach = fixture.cache.finding(of: search, in: group)?.reach, let last = fixture.known[59] else {
                return false
            }
            let distance = PatientDistance.between(search.features, last.features, fixture.source.sets)
            return reach < Proximity(distance: distance, recency: last.recency) || search.patient == 59
        }
        try #require(!beyond.isEmpty && beyond.count < 40)
        fixture.change(59, to: nil)
        let left = fixture.searches.filter { fixture.cache.finding(of: $0, in: group) != nil }
        #expect(left.map(\.recommendation) == beyond.map(\.recommendation))
        #expect(fixture.cache.changed == Set(0..<40).subtracting(beyond.map(\.recommendation)))
    }

    @Test("a change to the same candidate is none")
    func same() {
        var fixture = Fixture(1, candidates: 10, searches: 5, in: group)
        fixture.change(3, to: fixture.known[3])
        #expect(fixture.cache.changed.isEmpty)
        #expect(fixture.searches.allSatisfy { fixture.cache.finding(of: $0, in: group) != nil })
    }

    @Test("findings that are not published are changes, until all are")
    func comparing() {
        var fixture = Fixture(1, candidates: 60, searches: 6, in: group)
        fixture.cache.compare { recommendation, _ in recommendation != 2 && recommendation != 5 }
        #expect(fixture.cache.changed == [2, 5])
        fixture.cache.clearChanges()
        fixture.cache.compare { _, _ in true }
        #expect(fixture.cache.changed.isEmpty)
    }

    @Test("groups have candidates and findings of their own")
    func groups() {
        var fixture = Fixture(1, candidates: 10, searches: 5, in: group)
        let other = Subject.cohort(.motadel, herb: TermID(rawValue: 2), condition: TermID(rawValue: 0))
        #expect(fixture.cache.finding(of: fixture.searches[0], in: other) == nil)
        #expect(fixture.cache.nearest(of: fixture.searches[0], in: other, fixture.source.sets).found.isEmpty)
        // The first candidate of a group that had none.
        let candidate = fixture.source.candidate(99)
        fixture.cache.apply(.init(old: nil, new: candidate), of: 99, in: other, fixture.source.sets)
        #expect(fixture.cache.nearest(of: fixture.searches[0], in: other, fixture.source.sets).found.count == 1)
        #expect(fixture.cache.changed.isEmpty)
    }
}
