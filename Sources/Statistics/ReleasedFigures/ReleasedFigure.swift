// Section "Released figures" of docs/definitions.md.

public import Domain

/// The public figure of a subject in a window, unrounded: a function of its released cells alone.
public struct ReleasedFigure: Equatable, Sendable {
    /// Patients, each counted once a month, with noise.
    public let patients: Int
    /// Patients whose newest rating of a month is a success, with noise; 0…`patients`.
    public let successes: Int
    /// successes / patients, 0…1.
    public let rate: Double
    /// Wilson's interval of the rate at 95 %, widened by the standard deviation of the noise; inside 0…1.
    public let interval: ClosedRange<Double>
    /// Mean rating, 1…5.
    public let meanRating: Double

    /// Standard deviations of the noise of the patients that a shown figure has at least.
    private static let minimumDeviations = 3.0
    /// Ratings, and so numbers with noise, of a cell.
    private static let ratings = 5

    /// The figure of cells; `nil` where there are none, or too few patients to be shown.
    ///
    /// The cells are summed without limits first, so that noise below zero cancels noise above it.
    ///
    /// - Parameters:
    ///   - cells: the cells of the window, each with the privacy loss of its noise.
    ///   - successRating: the lowest rating that is a success.
    ///   - minimum: patients, with noise, from which a figure is shown.
    public init?(of cells: [(counts: RatingCounts, epsilon: PrivacyLoss)], successRating: Rating, minimum: Int) {
        guard !cells.isEmpty else { return nil }
        let sums = (0..<Self.ratings).map { rating in cells.reduce(0) { $0 + $1.counts.counts[rating] } }
        let variance = cells.reduce(0) { $0 + $1.epsilon.noiseVariance }
        let patients = max(0, sums.reduce(0, +))
        let deviation = (Double(Self.ratings) * variance).squareRoot()
        guard patients > 0, patients >= minimum, Double(patients) >= Self.minimumDeviations * deviation else {
            return nil
        }
        let successes = max(0, min(patients, sums[(successRating.value - 1)...].reduce(0, +)))
        let ratings = zip(1..., sums).reduce(0) { $0 + $1.0 * $1.1 }
        let rate = Double(successes) / Double(patients)
        let wilson = wilsonInterval(successes: successes, samples: patients)
        let successful = Double(Self.ratings + 1 - successRating.value)
        let spread = successful * (1 - rate) * (1 - rate) + (Double(Self.ratings) - successful) * rate * rate
        let widening = normalQuantile * (variance * spread).squareRoot() / Double(patients)
        self.patients = patients
        self.successes = successes
        self.rate = rate
        interval = max(0, wilson.lowerBound - widening)...min(1, wilson.upperBound + widening)
        meanRating = max(1, min(5, Double(ratings) / Double(patients)))
    }

    /// The rate as it is shown, in whole percentage points.
    public var shownRate: Double { (rate * 100).rounded() / 100 }

    /// The interval as it is shown: limits in whole percentage points, rounded outwards.
    public var shownInterval: ClosedRange<Double> {
        (interval.lowerBound * 100).rounded(.down) / 100...(interval.upperBound * 100).rounded(.up) / 100
    }

    /// The mean rating as it is shown, in tenths.
    public var shownMeanRating: Double { (meanRating * 10).rounded() / 10 }

    /// Half the width of the interval, 0…0.5.
    public var halfWidth: Double { (interval.upperBound - interval.lowerBound) / 2 }
}
