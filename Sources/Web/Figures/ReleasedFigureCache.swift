import Configuration
import Domain
import Logging
import Store
import Synchronization

/// Reads what is released from the ledger, anew only where the ledger, or what the database noted of it, changed.
///
/// Where the ledger cannot be read, everything is withheld, and the error is logged.
final class ReleasedFigureCache: Sendable {
    private struct Version: Equatable {
        let ledger: LedgerVersion?
        let noted: NotedReleases
    }

    private let ledger: ReleaseLedger
    private let names: PublicNames
    private let successRating: Rating
    private let minimum: Int
    private let logger: Logger
    private let known = Mutex<(version: Version, figures: PublicFigures)?>(nil)
    private let lastProblem = Mutex<String?>(nil)

    /// - Throws: `DefinitionError`, `MissingFile` for the public names.
    init(_ settings: Settings, beside database: some Maintenance, logger: Logger) throws {
        ledger = ReleaseLedger(of: settings.releases, beside: database)
        names = try settings.releases.names.map { try PublicNames(contentsOf: $0) } ?? PublicNames()
        successRating = settings.successRating
        minimum = settings.releases.minimum
        self.logger = logger
    }

    /// The figures that anybody may see now. Blocks while it reads the ledger.
    func figures(noted: NotedReleases) -> PublicFigures {
        // What changes while it is read is read again the next time.
        let version = Version(ledger: ledger.version, noted: noted)
        if let known = known.withLock({ $0 }), known.version == version { return known.figures }
        do {
            let figures = PublicFigures(
                try ledger.read()?.releases(noted: noted), names: names, successRating: successRating, minimum: minimum)
            known.withLock { $0 = (version, figures) }
            lastProblem.withLock { $0 = nil }
            return figures
        } catch {
            let problem = "\(error)"
            let isNew = lastProblem.withLock { last in
                defer { last = problem }
                return last != problem
            }
            if isNew { logger.error("public figures are withheld: \(problem)") }
            return .none
        }
    }
}
