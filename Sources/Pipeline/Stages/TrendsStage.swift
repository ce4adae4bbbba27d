import Analytics
import Domain

/// Trends of all levels ("Trend" in docs/definitions.md).
enum TrendsStage: ComputationStage {
    static let stage = Stage.trends

    static func rowsRead(in computation: Computation) -> Int {
        Level.allCases.reduce(0) { $0 + computation.tallies(at: $1).count }
    }

    static func compute(_ computation: inout Computation) {
        computation.results.trends = computation.results.effectiveness?.tallies.mapValues { trends(of: $0) }
    }
}
