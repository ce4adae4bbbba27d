import Dispatch
import Foundation
import Testing

/// Runs the tests of a suite a few at a time, each from its beginning to its end, on threads that may block.
///
/// These tests start programs, wait for them and read their sockets. All at once they would hold hundreds of servers in memory
/// and advance one step in turn; on the threads of the cooperative pool, which are as many as cores, they would hold up every
/// other test.
struct EndToEnd: SuiteTrait, TestTrait, TestScoping {
    let isRecursive = true

    /// Two for each core, since a test often waits for a timer.
    private static let slots = Slots(count: 2 * ProcessInfo.processInfo.activeProcessorCount)
    private static let threads = BlockingThreads()

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        await Self.slots.take()
        do {
            try await withTaskExecutorPreference(Self.threads) { try await function() }
        } catch {
            await Self.slots.give()
            throw error
        }
        await Self.slots.give()
    }
}

extension Trait where Self == EndToEnd {
    /// Runs the tests of a suite a few at a time, on threads that may block.
    static var endToEnd: Self { Self() }
}

/// Admits so many at a time, in the order in which they came.
private actor Slots {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(count: Int) { free = count }

    func take() async {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    func give() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}

/// Runs tasks on threads beside those of the cooperative pool, as many as it needs.
private final class BlockingThreads: TaskExecutor {
    private let queue = DispatchQueue(label: "end to end", attributes: .concurrent)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { [self] in job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
}
