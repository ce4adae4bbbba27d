import Domain
import Statistics

/// Estimates the priors of a level in the three windows, as its subjects change.
struct WindowPriors: Sendable {
    private var estimators = [Window: PriorEstimator](
        uniqueKeysWithValues: Window.allCases.map { ($0, PriorEstimator()) })

    /// The priors of subjects with these tallies.
    init(of subjects: TallyColumn) {
        for tallies in subjects { add(tallies) }
    }

    /// Adds a subject.
    mutating func add(_ tallies: WindowTallies) {
        for window in Window.allCases { estimators[window, default: PriorEstimator()].add(tallies[window]) }
    }

    /// Removes a subject that was added.
    mutating func remove(_ tallies: WindowTallies) {
        for window in Window.allCases { estimators[window, default: PriorEstimator()].remove(tallies[window]) }
    }

    /// The prior of each window.
    var priors: [Window: Prior] { estimators.mapValues(\.prior) }
}
