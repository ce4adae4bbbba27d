import Domain
import Store
import Synchronization

/// Figures of the present publication, read once: all of them for each run, and what is released once for each block and day.
final class FigureDesk: Sendable {
    private struct ReleaseKey: Equatable {
        var asOf: Day?
        var block: Int64
    }

    private let published = Mutex<(run: RunID?, figures: PublishedFigures)?>(nil)
    private let released = Mutex<(key: ReleaseKey, figures: PublicFigures)?>(nil)

    /// The figures of the newest run.
    func published(_ results: any PublishedResults) throws -> PublishedFigures {
        let run = try results.origins().values.map(\.run).max()
        if let known = published.withLock({ $0 }), known.run == run { return known.figures }
        let figures = try PublishedFigures(results)
        published.withLock { $0 = (run, figures) }
        return figures
    }

    /// What is released.
    func released(_ results: any PublishedResults) throws -> PublicFigures {
        let key = ReleaseKey(
            asOf: try results.origins()[.effectiveness]?.asOf, block: try results.newestPublicBlock())
        if let known = released.withLock({ $0 }), known.key == key { return known.figures }
        let figures = try PublicFigures(results)
        released.withLock { $0 = (key, figures) }
        return figures
    }
}
