// Section "Mean rating" of docs/definitions.md.

/// The mean rating, 1…5.
///
/// - Parameter counts: how many cases have each rating from 1 to 5; at least one has.
public func meanRating(counts: [Int]) -> Double {
    zip(1...5, counts).reduce(0) { $0 + Double($1.0 * $1.1) } / Double(counts.reduce(0, +))
}

/// The interval of a mean rating, two-sided 95 %, inside 1…5: mean ± t · √((v + 1/12) / n), v the sample variance and t
/// Student's.
///
/// - Parameter counts: how many cases have each rating from 1 to 5; at least one has.
public func meanRatingInterval(counts: [Int]) -> ClosedRange<Double> {
    let n = Double(counts.reduce(0, +))
    let mean = meanRating(counts: counts)
    let squares = zip(1...5, counts).reduce(0) { sum, rating in
        let distance = Double(rating.0) - mean
        return sum + distance * distance * Double(rating.1)
    }
    let variance = n > 1 ? squares / (n - 1) : 0
    let spread = studentT(degrees: max(2, n - 1)) * ((variance + varianceWithinStep) / n).squareRoot()
    return max(1, mean - spread)...min(5, mean + spread)
}

/// The variance of a value within the unit step of a rating, so that equal ratings never look certain.
private let varianceWithinStep = 1.0 / 12
