import Domain
import Store
import Synchronization

/// Figures of the present publication, read once for each run.
final class FigureDesk: Sendable {
    private struct Read {
        var run: RunID?
        var published: PublishedFigures?
        var released: PublicFigures?
    }

    private let last = Mutex(Read())

    /// The figures of the run.
    func published(_ results: any PublishedResults) throws -> PublishedFigures {
        let run = try results.origins().values.map(\.run).max()
        if let known = last.withLock({ $0.run == run ? $0.published : nil }) { return known }
        let figures = try PublishedFigures(results)
        note(run) { $0.published = figures }
        return figures
    }

    /// What is released of them.
    func released(_ results: any PublishedResults) throws -> PublicFigures {
        let run = try results.origins().values.map(\.run).max()
        if let known = last.withLock({ $0.run == run ? $0.released : nil }) { return known }
        let figures = try PublicFigures(results)
        note(run) { $0.released = figures }
        return figures
    }

    private func note(_ run: RunID?, _ change: (inout Read) -> Void) {
        last.withLock { read in
            // A reader of an older publication, who came late, puts nothing in the place of a newer one.
            if let known = read.run, let run, known > run { return }
            if read.run != run { read = Read(run: run) }
            change(&read)
        }
    }
}
