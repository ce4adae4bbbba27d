import Domain
import Statistics
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30))) struct MonthReleaseTests {
    private let month = CalendarMonth(of: day("2026-11-01"))
    private let now = instant("2026-12-08T00:00:00Z")
    private let mint = ReleasedSubject.herb(TextKey("mint"))
    private let saffron = ReleasedSubject.herb(TextKey("saffron"))

    private func epsilon(_ thousandths: Int) throws -> PrivacyLoss {
        try #require(PrivacyLoss(thousandths: thousandths))
    }

    private func released(
        _ counts: [ReleasedSubject: RatingCounts], after known: Set<ReleasedSubject> = [], epsilon: Int = 500,
        seed: Int = 1
    ) throws -> ReleasedMonth {
        var random = TestRandom(seed)
        return releasedMonth(
            month, of: counts, after: known, epsilon: try self.epsilon(epsilon), at: now, using: &random)
    }

    @Test("overall has a cell in every month, also where nobody is in it")
    func overallIsPublic() throws {
        let month = try released([:])
        #expect(month.entries.isEmpty && Set(month.cells.keys) == [.overall])
        #expect(month.month == self.month && month.releasedAt == now)
    }

    @Test("a subject becomes public with many patients, and stays public with nobody in it")
    func entry() throws {
        let many = RatingCounts(counts: [100, 100, 100, 100, 100])
        let few = RatingCounts(counts: [1, 0, 0, 0, 0])
        let first = try released([.overall: many, mint: many, saffron: few])
        #expect(first.entries == [mint] && Set(first.cells.keys) == [.overall, mint])
        let second = try released([:], after: [.overall, mint])
        #expect(second.entries.isEmpty && Set(second.cells.keys) == [.overall, mint])
        // Nobody is in it: it is not looked at.
        for seed in 1...200 {
            let none = try released([saffron: RatingCounts(counts: [0, 0, 0, 0, 0])], epsilon: 1, seed: seed)
            #expect(none.entries.isEmpty)
        }
    }

    @Test("a subject of one patient becomes public about as often as the definition allows")
    func entryOfOne() throws {
        // With ε = 10 the threshold is 4, and P(noise >= 3) = e^(-15) / (1 + e^(-5)).
        let one = RatingCounts(counts: [0, 0, 0, 0, 1])
        let entered = try (1...2000).count { try released([mint: one], epsilon: 10_000, seed: $0).entries == [mint] }
        #expect(entered == 0)
        // At the threshold itself it is a little more than half.
        let atThreshold = RatingCounts(counts: [0, 0, 0, 0, 4])
        let often = try (1...2000).count {
            try released([mint: atThreshold], epsilon: 10_000, seed: $0).entries == [mint]
        }
        #expect((1900...2000).contains(often))
    }

    @Test("each of the five numbers of a cell has noise of its own")
    func cellsAreNoisy() throws {
        let exact = [10, 20, 30, 40, 50]
        var differences: [[Int]] = []
        for seed in 1...400 {
            let cell = try #require(try released([.overall: RatingCounts(counts: exact)], seed: seed).cells[.overall])
            differences.append(zip(cell.counts, exact).map { $0 - $1 })
        }
        for rating in 0..<5 {
            let own = differences.map { $0[rating] }
            #expect(own.contains { $0 < 0 } && own.contains { $0 > 0 })
            // 95 % of the noise is within ±13 at ε = 0.5; 5 standard deviations are 28.
            #expect(own.count { abs($0) <= 13 } > 360)
        }
        #expect(Set(differences).count > 350)
    }
}
