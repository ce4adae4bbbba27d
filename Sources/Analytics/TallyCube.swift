import Domain
import Statistics

/// Tallies of the levels whose subjects have names: those of cohorts, and their sums by treatment, herb, condition and overall.
///
/// A full run builds it from all cases; `IncrementalClinic` then adds and removes the cases that change.
struct TallyCube: Sendable {
    private var cohorts: TallyTable
    private var treatments: TallyTable
    private var herbs: TallyTable
    private var conditions: TallyTable
    private var overall: TallyTable

    /// The sums of cohorts.
    init(cohorts: TallyTable) {
        self.cohorts = cohorts
        treatments = cohorts.summed { .treatment(herb: $0.herb, condition: $0.condition) }
        herbs = treatments.summed { .herb($0.herb) }
        conditions = treatments.summed { .condition($0.condition) }
        overall = treatments.summed { _ in .all }
    }

    /// The levels whose subjects have names.
    static let levels = Level.allCases.filter { !$0.isNumbered }

    /// The tallies of a level of `levels`; empty for any other.
    subscript(level: Level) -> TallyTable {
        switch level {
        case .cohort: cohorts
        case .treatment: treatments
        case .herb: herbs
        case .condition: conditions
        case .overall: overall
        case .recommendation, .diagnosis: TallyTable()
        }
    }

    /// Adds cases of a cohort to all levels.
    mutating func add(_ tallies: WindowTallies, to cohort: Subject) {
        change(cohort) { $0.add(tallies, to: $1) }
    }

    /// Removes cases of a cohort from all levels.
    mutating func remove(_ tallies: WindowTallies, from cohort: Subject) {
        change(cohort) { $0.remove(tallies, from: $1) }
    }

    private mutating func change(_ cohort: Subject, _ body: (inout TallyTable, Subject) -> Void) {
        body(&cohorts, cohort)
        body(&treatments, .treatment(herb: cohort.herb, condition: cohort.condition))
        body(&herbs, .herb(cohort.herb))
        body(&conditions, .condition(cohort.condition))
        body(&overall, .all)
    }

    /// The historical evidence of the scores of a treatment.
    func evidence(of treatment: Subject) -> HistoricalEvidence {
        HistoricalEvidence(
            treatment: treatments[treatment], herb: herbs[.herb(treatment.herb)], overall: overall[.all])
    }
}
