public import Domain
import Statistics

/// The beta prior of a level in a window, from the tallies of its subjects.
///
/// `Prior.uninformed` where fewer than two subjects have enough cases, or where all succeed or all fail.
public func prior(of tallies: some Sequence<WindowTallies>, in window: Window) -> Prior {
    var estimator = PriorEstimator()
    for tallies in tallies { estimator.add(tallies[window]) }
    return estimator.prior
}
