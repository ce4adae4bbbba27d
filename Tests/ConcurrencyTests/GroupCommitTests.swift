import Concurrency
import Dispatch
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30))) struct GroupCommitTests {
    /// Processes numbers into their doubles, and can be held.
    private final class Doubler: Sendable {
        let batches = Mutex<[[Int]]>([])
        let active = Mutex((now: 0, most: 0))
        private let gate = DispatchSemaphore(value: 0)
        private let isHeld: Bool

        init(isHeld: Bool) {
            self.isHeld = isHeld
        }

        /// Lets one batch go on.
        func release() { gate.signal() }

        func queue(capacity: Int = 1000) -> GroupCommit<Int, Int> {
            GroupCommit(capacity: capacity, label: "test") { [self] numbers in
                batches.withLock { $0.append(numbers) }
                active.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
                defer { active.withLock { $0.now -= 1 } }
                if isHeld { gate.wait() }
                return numbers.map { $0 * 2 }
            }
        }

        /// Submits numbers one after another, each once the one before it waits or is processed.
        func submit(_ numbers: ClosedRange<Int>, to queue: GroupCommit<Int, Int>) async throws -> [Task<Int, any Error>]
        {
            var tasks: [Task<Int, any Error>] = []
            for number in numbers {
                tasks.append(Task { try await queue.submit(number) })
                try await waitUntil("\(number) waits or is processed") { await self.contains(number, in: queue) }
            }
            return tasks
        }

        private func contains(_ number: Int, in queue: GroupCommit<Int, Int>) async -> Bool {
            let begun = batches.withLock { $0.joined().count }
            return await queue.waitingCount + begun >= number
        }
    }

    private struct Failure: Error, Equatable {}

    @Test("processes items in the order of their acceptance, those that came meanwhile as one batch")
    func order() async throws {
        let doubler = Doubler(isHeld: true)
        let queue = doubler.queue()
        let tasks = try await doubler.submit(1...20, to: queue)
        for _ in 1...2 { doubler.release() }
        for (number, task) in zip(1...20, tasks) { #expect(try await task.value == number * 2) }
        #expect(doubler.batches.withLock { $0 } == [[1], Array(2...20)])
    }

    @Test("answers each caller once with its own receipt, whichever others leave", arguments: 1...5)
    func ownReceipts(seed: Int) async throws {
        let doubler = Doubler(isHeld: false)
        let queue = doubler.queue(capacity: 100_000)
        let tasks = (0..<2000).map { number in Task { try await queue.submit(number) } }
        for number in stride(from: 0, to: tasks.count, by: 7 + seed) { tasks[number].cancel() }
        var receipts = 0
        for (number, task) in tasks.enumerated() {
            switch await task.result {
            case .success(let receipt):
                #expect(receipt == number * 2)
                receipts += 1
            case .failure(let error): #expect(error is CancellationError && number % (7 + seed) == 0)
            }
        }
        let processed = doubler.batches.withLock { $0.flatMap(\.self) }
        #expect(Set(processed).count == processed.count)
        #expect(processed.count >= receipts)
        #expect(doubler.active.withLock { $0.most } == 1)
    }

    @Test("refuses items beyond its capacity, and accepts them again after the batch")
    func bounded() async throws {
        let doubler = Doubler(isHeld: true)
        let queue = doubler.queue(capacity: 3)
        let first = Task { try await queue.submit(1) }
        try await waitUntil("the first batch begins") { doubler.batches.withLock { $0.count } == 1 }
        let tasks = try await doubler.submit(2...4, to: queue)
        let refusal = await #expect(throws: QueueFull.self) { try await queue.submit(5) }
        #expect(refusal?.capacity == 3)
        doubler.release()
        #expect(try await first.value == 2)
        try await waitUntil("the second batch begins") { doubler.batches.withLock { $0.count } == 2 }
        let next = Task { try await queue.submit(6) }
        doubler.release()
        doubler.release()
        for (number, task) in zip(2...4, tasks) { #expect(try await task.value == number * 2) }
        #expect(try await next.value == 12)
    }

    @Test("lets a caller leave before its batch begins, and does not process its item")
    func cancelledBeforeItsBatch() async throws {
        let doubler = Doubler(isHeld: true)
        let queue = doubler.queue()
        let tasks = try await doubler.submit(1...4, to: queue)
        tasks[2].cancel()
        // The batch is still held.
        await #expect(throws: CancellationError.self) { try await tasks[2].value }
        #expect(doubler.batches.withLock { $0 } == [[1]])
        for _ in 1...2 { doubler.release() }
        for number in [1, 2, 4] { #expect(try await tasks[number - 1].value == number * 2) }
        #expect(doubler.batches.withLock { $0 } == [[1], [2, 4]])
    }

    @Test("lets a caller leave during its batch, which goes on for the others")
    func cancelledDuringItsBatch() async throws {
        let doubler = Doubler(isHeld: true)
        let queue = doubler.queue()
        let tasks = try await doubler.submit(1...3, to: queue)
        doubler.release()
        #expect(try await tasks[0].value == 2)
        try await waitUntil("the second batch begins") { doubler.batches.withLock { $0.count } == 2 }
        tasks[1].cancel()
        await #expect(throws: CancellationError.self) { try await tasks[1].value }
        doubler.release()
        #expect(try await tasks[2].value == 6)
        #expect(doubler.batches.withLock { $0 } == [[1], [2, 3]])
    }

    @Test("does not accept an item of a cancelled task")
    func cancelledBefore() async throws {
        let doubler = Doubler(isHeld: false)
        let queue = doubler.queue()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await queue.submit(1)
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(doubler.batches.withLock { $0.isEmpty })
    }

    @Test("passes the error of a batch to its callers alone")
    func failedBatch() async throws {
        let queue = GroupCommit<Int, Int>(capacity: 10, label: "test") { numbers in
            guard !numbers.contains(13) else { throw Failure() }
            return numbers
        }
        #expect(try await queue.submit(1) == 1)
        await #expect(throws: Failure()) { try await queue.submit(13) }
        #expect(try await queue.submit(2) == 2)
    }

    @Test("closes: cancels the batch, waits for its end, and refuses what waits and what comes")
    func close() async throws {
        let hasBegun = Mutex(false)
        let queue = GroupCommit<Int, Int>(capacity: 10, label: "test") { numbers in
            hasBegun.withLock { $0 = true }
            // Ends early only because it is cancelled.
            try? await Task.sleep(for: .seconds(600))
            return numbers
        }
        let current = Task { try await queue.submit(1) }
        try await waitUntil("the batch begins") { hasBegun.withLock { $0 } }
        let waiting = Task { try await queue.submit(2) }
        try await waitUntil("an item waits") { await queue.waitingCount == 1 }
        await queue.close(throwing: Failure())
        #expect(try await current.value == 1)
        await #expect(throws: Failure()) { try await waiting.value }
        await #expect(throws: Failure()) { try await queue.submit(3) }
    }

    @Test("blocks no thread of the cooperative pool")
    func blocking() async throws {
        let gate = DispatchSemaphore(value: 0)
        // More than there are cores.
        let queues = (0..<128).map { _ in
            GroupCommit<Int, Int>(capacity: 1, label: "test") { numbers in
                gate.wait()
                return numbers
            }
        }
        let tasks = queues.map { queue in Task { try await queue.submit(1) } }
        // Only a thread of the pool can release them.
        await Task.detached { for _ in tasks { gate.signal() } }.value
        for task in tasks { #expect(try await task.value == 1) }
    }
}
