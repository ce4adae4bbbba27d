import Analytics
import Domain

/// Cohorts of mizaj, herb and condition ("Cohorts" in docs/definitions.md).
enum CohortsStage: ComputationStage {
    static let stage = Stage.cohorts

    static func rowsRead(in computation: Computation) -> Int { computation.linked.clinic.cases.count }

    static func compute(_ computation: inout Computation) {
        computation.results.cohorts = cohorts(of: computation.linked, tallies: computation.tallies(at: .cohort))
    }
}
