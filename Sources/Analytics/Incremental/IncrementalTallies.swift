import Domain
import Statistics

/// Tallies of all named levels, to which cases are added and from which they are removed.
struct IncrementalTallies: Sendable {
    private(set) var cohorts: [Subject: WindowTallies] = [:]
    private(set) var treatments: [Subject: WindowTallies] = [:]
    private(set) var herbs: [Subject: WindowTallies] = [:]
    private(set) var conditions: [Subject: WindowTallies] = [:]
    private(set) var overall: [Subject: WindowTallies] = [:]

    /// Tallies of the subjects of a level that is named.
    subscript(level: Level) -> [Subject: WindowTallies] {
        switch level {
        case .cohort: cohorts
        case .treatment: treatments
        case .herb: herbs
        case .condition: conditions
        case .overall: overall
        case .recommendation, .diagnosis: [:]
        }
    }

    /// Adds cases of a cohort to all levels.
    mutating func add(_ tallies: WindowTallies, to cohort: Subject) {
        change(cohort) { $0 += tallies }
    }

    /// Removes cases of a cohort from all levels.
    mutating func remove(_ tallies: WindowTallies, from cohort: Subject) {
        change(cohort) { $0 -= tallies }
    }

    private mutating func change(_ cohort: Subject, _ body: (inout WindowTallies) -> Void) {
        body(&cohorts[cohort, default: WindowTallies()])
        body(&treatments[.treatment(herb: cohort.herb, condition: cohort.condition), default: WindowTallies()])
        body(&herbs[.herb(cohort.herb), default: WindowTallies()])
        body(&conditions[.condition(cohort.condition), default: WindowTallies()])
        body(&overall[.all, default: WindowTallies()])
    }

    /// The historical evidence of a score.
    func evidence(of treatment: Subject) -> HistoricalEvidence {
        func counted(_ tallies: WindowTallies?) -> WindowTallies? {
            tallies.flatMap { $0.all.samples > 0 ? $0 : nil }
        }
        return HistoricalEvidence(
            treatment: counted(treatments[treatment]), herb: counted(herbs[.herb(treatment.herb)]),
            overall: counted(overall[.all]))
    }
}

/// Estimates the priors of a level of records in the windows.
struct WindowPriors: Sendable {
    private var estimators = [Window: PriorEstimator](
        uniqueKeysWithValues: Window.allCases.map { ($0, PriorEstimator()) })

    /// Adds a subject.
    mutating func add(_ tallies: WindowTallies) {
        for window in Window.allCases { estimators[window, default: PriorEstimator()].add(tallies[window]) }
    }

    /// Removes a subject that was added.
    mutating func remove(_ tallies: WindowTallies) {
        for window in Window.allCases { estimators[window, default: PriorEstimator()].remove(tallies[window]) }
    }

    var priors: [Window: Prior] { estimators.mapValues(\.prior) }
}
