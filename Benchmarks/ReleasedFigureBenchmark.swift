import Domain
import Foundation
import Statistics

/// How far released figures are from exact ones, as docs/released-figures.md shows it.
struct ReleasedFigureBenchmark {
    private static let draws = 20_000
    private let epsilon = PrivacyLoss.standard
    private let minimum = 50

    /// Prints the table in Markdown.
    func run() {
        print(
            """
            | patients a month | window | shown | rate off by, median | 95 % within | half interval | mean rating off by, median | 95 % within |
            | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |
            """)
        for patients in [10, 100, 1000] {
            for (months, name) in [(1, "last month"), (3, "last 3 months"), (12, "all, of a year")] {
                print(line(patients: patients, months: months, name))
            }
        }
    }

    private func line(patients: Int, months: Int, _ name: String) -> String {
        let exact = RatingCounts(counts: [1, 1, 1, 3, 4].map { $0 * patients / 10 })
        let exactRate = 0.7
        let exactMean = Double(zip(1..., exact.counts).reduce(0) { $0 + $1.0 * $1.1 }) / Double(exact.total)
        var generator = SystemRandomNumberGenerator()
        var rates: [Double] = []
        var means: [Double] = []
        var widths: [Double] = []
        for _ in 0..<Self.draws {
            let cells = (0..<months).compactMap { number -> (counts: RatingCounts, epsilon: PrivacyLoss)? in
                let month = CalendarMonth(of: Day(daysSinceEpoch: 20_454)) + number  // from 2026-01 on
                let released = releasedMonth(
                    month, of: [.overall: exact], after: [], epsilon: epsilon, at: Instant(seconds: 0),
                    using: &generator)
                return released.cells[.overall].map { ($0, epsilon) }
            }
            guard let figure = ReleasedFigure(of: cells, successRating: .defaultSuccess, minimum: minimum) else {
                continue
            }
            rates.append(abs(figure.rate - exactRate))
            means.append(abs(figure.meanRating - exactMean))
            widths.append(figure.halfWidth)
        }
        let share = Double(rates.count) / Double(Self.draws)
        // Of figures that noise alone lifts over the threshold, there is nothing to say.
        guard share >= 0.005 else { return "| \(patients) | \(name) | \(share.points) | | | | | |" }
        return "| \(patients) | \(name) | \(share.points) | \(rates.median().tenths) points | "
            + "\(rates.quantile(0.95).tenths) points | ±\(widths.median().tenths) points | \(means.median().shown) | "
            + "\(means.quantile(0.95).shown) |"
    }
}

extension [Double] {
    fileprivate func quantile(_ share: Double) -> Double { sorted()[Swift.min(count - 1, Int(share * Double(count)))] }
}

extension Double {
    fileprivate var points: String { (self * 100).formatted(.number.precision(.fractionLength(0))) + " %" }

    fileprivate var tenths: String { (self * 100).formatted(.number.precision(.fractionLength(1))) }
}
