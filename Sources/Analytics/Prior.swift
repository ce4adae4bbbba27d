public import Domain

/// The beta prior of a level in a window, by the method of moments over its subjects with at least five cases.
///
/// `Prior.uninformed` where there are fewer than two such subjects, or where all succeed or all fail.
public func prior(of tallies: [WindowTallies], in window: Window) -> Prior {
    var subjects = 0.0
    var rateSum = 0.0
    for tallies in tallies where tallies[window].samples >= 5 {
        subjects += 1
        rateSum += tallies[window].effectiveness
    }
    let mean = rateSum / subjects
    guard subjects >= 2, mean > 0, mean < 1 else { return .uninformed }

    var squares = 0.0
    var withinSum = 0.0
    for tallies in tallies where tallies[window].samples >= 5 {
        let deviation = tallies[window].effectiveness - mean
        squares += deviation * deviation
        withinSum += mean * (1 - mean) / Double(tallies[window].samples)
    }
    let between = squares / subjects - withinSum / subjects
    let strength = min(1000, max(1, mean * (1 - mean) / max(between, 1e-6) - 1))
    return Prior(a: mean * strength, b: (1 - mean) * strength)
}
