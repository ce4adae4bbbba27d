import Analytics
import Domain

/// Tallies and priors of all levels ("Effectiveness" in docs/definitions.md).
enum EffectivenessStage: ComputationStage {
    static let stage = Stage.effectiveness

    static func rowsRead(in computation: Computation) -> Int { computation.linked.clinic.cases.count }

    static func compute(_ computation: inout Computation) {
        computation.results.effectiveness = effectiveness(
            of: computation.linked, successRating: computation.successRating)
    }
}
