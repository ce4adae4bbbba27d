import Analytics
import Domain

/// A stage that computes results from the columns of a clinic. It reads neither clock nor database, and blocks its caller for up to
/// seconds.
protocol ComputationStage {
    /// The stage, as jobs and the records of runs name it.
    static var stage: Stage { get }
    /// The number of rows that it reads, for the record of the run.
    static func rowsRead(in computation: Computation) -> Int
    /// Computes its results from the clinic and from the results of earlier stages.
    static func compute(_ computation: inout Computation) async
}

/// The input of the stages of a run, and the results so far.
struct Computation: Sendable {
    /// The clinic.
    let linked: LinkedClinic
    /// The least rating that is a success.
    let successRating: Rating
    /// The results of the stages that have run.
    var results: Results

    /// A computation without results.
    init(of linked: LinkedClinic, successRating: Rating) {
        self.linked = linked
        self.successRating = successRating
        let clinic = linked.clinic
        results = Results(
            asOf: clinic.asOf, herbs: clinic.herbs.termNames, conditions: clinic.conditions.termNames)
    }

    /// The tallies of a level; empty before the stage `effectiveness`.
    func tallies(at level: Level) -> Keyed<Subject, WindowTallies> {
        results.effectiveness?.tallies[level] ?? Keyed()
    }
}

extension Computation {
    /// The stages that compute, in the order in which they run.
    private static var stages: [any ComputationStage.Type] {
        [EffectivenessStage.self, TrendsStage.self, CohortsStage.self, ScoresStage.self]
    }

    /// Runs stages.
    ///
    /// - Parameters:
    ///   - wanted: the stages whose results are wanted; all of them need the tallies of `effectiveness`.
    ///   - steps: times each stage; throws where the run is to end before the next one.
    mutating func run(_ wanted: [Stage], steps: inout RunSteps) async throws {
        guard wanted.contains(where: { $0 != .reports }) else { return }
        for kind in Self.stages where kind == EffectivenessStage.self || wanted.contains(kind.stage) {
            let before = self
            self = try await steps.time(kind.stage, rowsRead: kind.rowsRead(in: before)) {
                var after = before
                await kind.compute(&after)
                return after
            }
        }
        if !wanted.contains(.effectiveness) { results.effectiveness = nil }
    }
}
