import Dispatch
import Domain
import Store
import TestSupport
import Testing

/// Who follows a database hears that something was committed.
@Suite(.timeLimit(.minutes(30))) struct OutboxSignalTests {
    private let folder: TemporaryFolder
    private let queue = DispatchQueue(label: "signals")

    init() throws { folder = try TemporaryFolder() }

    @Test(arguments: StorageEngine.all) func whoWatchesHearsOfEachSignal(engine: StorageEngine) async throws {
        let database = try engine.open(in: folder)
        let (heard, tell) = AsyncStream.makeStream(of: Void.self)
        let watch = try database.signal.watch(on: queue) { tell.yield() }
        var iterator = heard.makeAsyncIterator()
        for _ in 0..<20 {
            database.signal.raise()
            // One that is lost would be waited for in vain.
            #expect(await iterator.next() != nil)
        }
        withExtendedLifetime(watch) {}
    }
}
