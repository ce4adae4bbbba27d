import Dispatch
import Testing
import TestSupport

@testable import Store
@testable import StoreSQLite

/// Who follows a database hears that something was committed, and sees whether others would.
@Suite(.timeLimit(.minutes(30))) struct OutboxSignalTests {
    private let folder: TemporaryFolder
    private let signal: FileSignal
    private let queue = DispatchQueue(label: "signals")

    init() throws {
        folder = try TemporaryFolder()
        signal = FileSignal(of: folder.path("clinic.db"))
    }

    @Test func aWatchSeesWhoElseWatches() throws {
        let first = try signal.watch(on: queue) {}
        #expect(!first.hasOtherWatchers)
        do {
            let second = try signal.watch(on: queue) {}
            #expect(first.hasOtherWatchers && second.hasOtherWatchers)
            // To signal opens and closes the file, which takes nobody's place away.
            signal.raise()
            #expect(first.hasOtherWatchers && second.hasOtherWatchers)
        }
        #expect(!first.hasOtherWatchers)
    }

    @Test func whoWatchesHearsOfEachSignal() async throws {
        let (heard, tell) = AsyncStream.makeStream(of: Void.self)
        let watch = try signal.watch(on: queue) { tell.yield() }
        var iterator = heard.makeAsyncIterator()
        for _ in 0..<20 {
            signal.raise()
            // One that is lost would be waited for in vain.
            #expect(await iterator.next() != nil)
        }
        withExtendedLifetime(watch) {}
    }
}
