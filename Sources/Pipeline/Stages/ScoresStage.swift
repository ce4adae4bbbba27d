import Analytics
import Domain

/// Scores of the recommendations of active diagnoses ("Ensemble score" in docs/definitions.md).
enum ScoresStage: ComputationStage {
    static let stage = Stage.scores

    static func rowsRead(in computation: Computation) -> Int { computation.linked.clinic.recommendations.ids.count }

    static func compute(_ computation: inout Computation) async {
        computation.results.scores = await scores(
            of: computation.linked, tallies: computation.results.effectiveness?.tallies ?? [:],
            successRating: computation.successRating
        ).scores
    }
}
