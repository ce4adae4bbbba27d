import Dispatch
import Testing
import TestSupport

@testable import Store
@testable import StoreSQLite

/// A watch of the file of signals shows whether others watch it.
@Suite(.timeLimit(.minutes(30))) struct FileSignalTests {
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
}
