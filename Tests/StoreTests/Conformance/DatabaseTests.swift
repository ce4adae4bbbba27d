import Domain
import Store
import TestSupport
import Testing

/// A database is the same one whenever it is opened, and tells itself apart from others.
@Suite(.timeLimit(.minutes(30))) struct DatabaseTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("what was written is there when the database is opened again", arguments: StorageEngine.all)
    func reopening(engine: StorageEngine) throws {
        let clinic = TestClinic.random(1, patients: 5, recommendations: 9, feedback: 20, until: day("2026-10-20"))
        let first = try engine.open(with: clinic, in: folder)
        let second = try engine.open(in: folder)
        #expect(try second.recordCounts() == first.recordCounts())
        #expect(try second.recordCounts().feedback == 20)
        #expect(try engine.open("other", in: folder).recordCounts().patients == 0)
        #expect(try second.problem() == nil && second.writeProblem == nil)
        #expect(second.location == first.location && second.companionPath == first.companionPath)
    }

    @Test("a database has one epoch, which no other has", arguments: StorageEngine.all)
    func epochs(engine: StorageEngine) throws {
        let database = try engine.open(in: folder)
        let epoch = try database.outboxEpoch()
        #expect(try database.outboxEpoch() == epoch && engine.open(in: folder).outboxEpoch() == epoch)
        #expect(try engine.open("other", in: folder).outboxEpoch() != epoch)
    }

    @Test("the run lock is held by one at a time, and released with its holder", arguments: StorageEngine.all)
    func runLock(engine: StorageEngine) throws {
        let (database, again) = (try engine.open(in: folder), try engine.open(in: folder))
        #expect(!database.isRunLocked())
        do {
            let lock = try #require(try database.takeRunLock())
            #expect(try again.takeRunLock() == nil && again.isRunLocked())
            #expect(try engine.open("other", in: folder).takeRunLock() != nil)
            withExtendedLifetime(lock) {}
        }
        #expect(!again.isRunLocked())
        #expect(try again.takeRunLock() != nil)
    }
}
