public import Domain

/// What the database knows of released figures, so that a missing or foreign ledger is noticed.
public protocol ReleaseRegister: Sendable {
    /// The setup of releases and the digests of the released months.
    func notedReleases() throws -> NotedReleases
    /// Records the setup of releases and the months that the ledger has. What is recorded of a month stays.
    func noteReleases(_ setup: ReleaseSetup, _ months: [LedgerMonth], run: RunID) throws
}
