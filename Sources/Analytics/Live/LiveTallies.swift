import Domain

/// Tallies of all named levels, which follow each case that comes, changes or goes.
struct LiveTallies: Sendable {
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

    /// Takes cases of a cohort away from all levels.
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

    /// What the historical component of a score rests on.
    func body(of treatment: Subject) -> HistoricalBody {
        func counted(_ tallies: WindowTallies?) -> WindowTallies? {
            tallies.flatMap { $0.all.samples > 0 ? $0 : nil }
        }
        return historicalBody(
            treatment: counted(treatments[treatment]), herb: counted(herbs[.herb(treatment.herb)]),
            overall: counted(overall[.all]))
    }
}

/// The shares of a level of records in the windows.
struct WindowShares: Sendable {
    private var shares = [Window: ShareCounts](uniqueKeysWithValues: Window.allCases.map { ($0, ShareCounts()) })

    /// Adds a subject, or takes it away again.
    mutating func count(_ tallies: WindowTallies, sign: Int = 1) {
        for window in Window.allCases { shares[window, default: ShareCounts()].count(tallies[window], sign: sign) }
    }

    var priors: [Window: Prior] { shares.mapValues(\.prior) }
}
