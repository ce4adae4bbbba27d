import Domain
import Statistics
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30))) struct ReleasedFigureTests {
    private let half = PrivacyLoss.standard
    private let month = CalendarMonth(of: day("2026-11-01"))

    private func figure(
        _ cells: [[Int]], success: Int = 4, minimum: Int = 1
    ) throws -> ReleasedFigure? {
        ReleasedFigure(
            of: cells.map { (counts: RatingCounts(counts: $0), epsilon: half) },
            successRating: try #require(Rating(success)), minimum: minimum)
    }

    @Test("sums the cells without limits, and widens Wilson's interval by the noise")
    func values() throws {
        let figure = try #require(try figure([[-5, 10, 20, 60, 70], [7, 10, 20, 60, 70]]))
        #expect(figure.patients == 322 && figure.successes == 260)
        #expect(abs(figure.rate - 260.0 / 322) < 1e-12)
        #expect(abs(figure.meanRating - (1.0 * 2 + 2 * 20 + 3 * 40 + 4 * 120 + 5 * 140) / 322) < 1e-12)
        // σ² of each of the two cells is 2e^0.25 / (e^0.25 - 1)² = 31.834…; two of five ratings are a success.
        let wilson = wilsonInterval(successes: 260, samples: 322)
        let rate = 260.0 / 322
        let spread = 2 * (1 - rate) * (1 - rate) + 3 * rate * rate
        let widening = 1.959963984540054 * (2 * 31.8339 * spread).squareRoot() / 322
        #expect(abs(half.noiseVariance - 31.8339) < 1e-3)
        #expect(abs(figure.interval.lowerBound - (wilson.lowerBound - widening)) < 1e-5)
        #expect(abs(figure.interval.upperBound - (wilson.upperBound + widening)) < 1e-5)
    }

    @Test("a figure is shown from the minimum on, and from three standard deviations of the noise on")
    func minimum() throws {
        // 3·√(5·31.834) = 37.8 for one cell, 53.5 for two.
        #expect(try figure([[0, 0, 0, 0, 37]]) == nil)
        #expect(try figure([[0, 0, 0, 0, 38]])?.patients == 38)
        #expect(try figure([[0, 0, 0, 0, 27], [0, 0, 0, 0, 26]]) == nil)
        #expect(try figure([[0, 0, 0, 0, 27], [0, 0, 0, 0, 27]])?.patients == 54)
        #expect(try figure([[0, 0, 0, 0, 49]], minimum: 50) == nil)
        #expect(try figure([[0, 0, 0, 0, 50]], minimum: 50) != nil)
        #expect(try figure([], minimum: 1) == nil)
        #expect(try figure([[-900, 0, 0, 0, 100]]) == nil)
    }

    @Test("limits hold where the noise exceeds them")
    func limits() throws {
        let high = try #require(try figure([[-20, -10, 0, 0, 150]]))
        #expect(high.patients == 120 && high.successes == 120 && high.rate == 1)
        #expect(high.meanRating == 5 && high.interval.upperBound == 1 && high.interval.lowerBound < 1)
        let low = try #require(try figure([[150, 0, 0, -10, -20]]))
        #expect(low.successes == 0 && low.rate == 0 && low.meanRating == 1 && low.interval.lowerBound == 0)
    }

    @Test("every rating is a success where the lowest is", arguments: 1...5)
    func successRatings(success: Int) throws {
        let figure = try #require(try figure([[10, 20, 30, 40, 50]], success: success))
        #expect(figure.successes == [150, 140, 120, 90, 50][success - 1])
        #expect(figure.interval.contains(figure.rate))
    }

    @Test("windows end with the newest month, and are counted in calendar months")
    func windows() throws {
        let subject = ReleasedSubject.herb(TextKey("mint"))
        func released(_ offset: Int, _ number: Int) -> ReleasedMonth {
            ReleasedMonth(
                month: month + offset, epsilon: half, releasedAt: instant("2026-12-08T00:00:00Z"), entries: [],
                cells: [
                    .overall: RatingCounts(counts: [0, 0, 0, 0, 0]),
                    subject: RatingCounts(counts: [number, 0, 0, 0, 0]),
                ])
        }
        // One of the last three months is withheld.
        let releases = Releases(
            setup: ReleaseSetup(timezone: .utc, firstMonth: month - 9),
            months: [released(0, 1), released(-2, 4), released(-3, 8), released(-9, 16)])
        func sum(_ window: ReleasedWindow) -> Int {
            releases.cells(of: subject, in: window).reduce(0) { $0 + $1.counts.total }
        }
        #expect(sum(.lastMonth) == 1 && sum(.lastThreeMonths) == 5 && sum(.all) == 29)
        #expect(releases.lastMonth == month && releases.subjects == [.overall, subject])
        #expect(releases.cells(of: .condition(TextKey("mint")), in: .all).isEmpty)
    }

    @Test("the expected width shrinks with patients and months, and is none where too few are shown")
    func expectedWidths() throws {
        func width(_ patients: Int, _ months: Int) -> Double? {
            expectedHalfWidth(
                patients: patients, months: months, epsilon: half, successRating: .defaultSuccess, minimum: 50)
        }
        #expect(width(10, 1) == nil && width(10, 3) == nil)
        let (hundred, thousand) = (try #require(width(100, 1)), try #require(width(1000, 1)))
        let threeMonths = try #require(width(1000, 3))
        #expect(hundred > thousand && thousand > threeMonths)
        #expect((0.15...0.25).contains(hundred) && (0.03...0.06).contains(thousand))
    }
}
