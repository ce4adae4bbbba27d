// Section "Released figures" of docs/definitions.md.

public import Domain

/// The expected half-width of the interval of a released figure, from the number of patients a month. Half of them are taken
/// for a success, which makes it widest; `nil` where so few patients are not shown.
///
/// - Parameters:
///   - patients: patients a month, without noise.
///   - months: how many months are summed, at least 1.
///   - epsilon: the privacy loss of each cell.
///   - successRating: the lowest rating that is a success.
///   - minimum: patients from which a figure is shown.
public func expectedHalfWidth(
    patients: Int, months: Int, epsilon: PrivacyLoss, successRating: Rating, minimum: Int
) -> Double? {
    var counts = [patients - patients / 2, 0, 0, 0, patients / 2]
    // Ratings of 1 are a success as well then.
    if successRating.value == 1 { counts = [0, 0, 0, 0, patients] }
    let cell = (counts: RatingCounts(counts: counts), epsilon: epsilon)
    return ReleasedFigure(
        of: [(counts: RatingCounts, epsilon: PrivacyLoss)](repeating: cell, count: months),
        successRating: successRating, minimum: minimum)?.halfWidth
}
