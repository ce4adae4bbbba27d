import Domain
import Store
import TestSupport
import Testing

/// The database notes what ledgers of released figures had.
@Suite(.timeLimit(.minutes(30))) struct ReleaseRegisterTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("the database notes each month once, and keeps what it noted", arguments: StorageEngine.all)
    func notes(engine: StorageEngine) throws {
        let database = try engine.open(in: folder)
        #expect(try database.notedReleases() == NotedReleases())
        let (october, november) = (try LedgerMonth.counted("2026-10"), try LedgerMonth.counted("2026-11"))
        try database.noteReleases(.october, [october], run: RunID(rawValue: 3))
        try database.noteReleases(.october, [try LedgerMonth.counted("2026-10", 9), november], run: RunID(rawValue: 4))
        #expect(
            try database.notedReleases()
                == NotedReleases(
                    setup: .october,
                    digests: [october.released.month: october.digest, november.released.month: november.digest]))
    }
}
