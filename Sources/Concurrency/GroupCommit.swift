/// Processes items in batches, one batch at a time: items that arrive during one batch form the next, so that many callers
/// wait no longer than one for a slow disk (group commit).
///
/// - Items are processed in the order in which they were accepted.
/// - Each caller receives exactly one result: the receipt of its item, or an error.
/// - At most `capacity` items wait for the next batch.
/// - A caller whose task is cancelled leaves at once with `CancellationError`. Its item is dropped if its batch has not
///   begun; otherwise it is processed to the end, and its receipt is dropped. Items of other callers are not affected.
/// - Batches are processed on a thread of their own, and may block it.
///
/// ```swift
/// let writes = GroupCommit<Order, Receipt>(capacity: 5000, label: "writes") { orders in try database.write(orders) }
/// let receipt = try await writes.submit(order)
/// ```
public actor GroupCommit<Item: Sendable, Receipt: Sendable> {
    /// Returns the receipts of a batch, as many as items and in their order. If it throws, each caller of the batch receives
    /// that error.
    public typealias Process = @Sendable ([Item]) async throws -> [Receipt]

    private typealias Ticket = Int

    private let capacity: Int
    private let executor: BlockingTaskExecutor
    private let process: Process
    private var nextTicket: Ticket = 0
    private var waiting: [(ticket: Ticket, item: Item)] = []
    /// The callers of all items, those of the present batch included; callers that left are not in it.
    private var callers: [Ticket: CheckedContinuation<Receipt, any Error>] = [:]
    /// Processes batches; `nil` while there are none.
    private var worker: Task<Void, Never>?
    /// What callers receive once it is closed.
    private var closingError: (any Error)?

    /// - Parameters:
    ///   - capacity: how many items may wait for the next batch.
    ///   - label: the name of the thread for debuggers.
    ///   - process: processes a batch, never two at a time. It may block. Its task is cancelled by `close`.
    public init(capacity: Int, label: String, process: @escaping Process) {
        self.capacity = capacity
        executor = BlockingTaskExecutor(label: label)
        self.process = process
    }

    /// Items that wait for the next batch.
    public var waitingCount: Int { waiting.count }

    /// Adds an item to the next batch, and waits until it was processed.
    ///
    /// - Throws: `QueueFull`; `CancellationError`; the error of its batch; after `close`, the error given there.
    public func submit(_ item: Item) async throws -> Receipt {
        try Task.checkCancellation()
        if let closingError { throw closingError }
        guard waiting.count < capacity else { throw QueueFull(capacity: capacity) }
        let ticket = nextTicket
        nextTicket += 1
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                callers[ticket] = continuation
                waiting.append((ticket, item))
                startWorker()
            }
        } onCancel: {
            Task { await self.abandon(ticket) }
        }
    }

    /// Refuses the items that wait and all later ones with an error, cancels the task of the present batch, and waits for
    /// its end.
    public func close(throwing error: any Error) async {
        closingError = error
        let refused = waiting
        waiting = []
        for (ticket, _) in refused { answer(ticket, .failure(error)) }
        worker?.cancel()
        await worker?.value
    }

    private func abandon(_ ticket: Ticket) {
        waiting.removeAll { $0.ticket == ticket }
        answer(ticket, .failure(CancellationError()))
    }

    private func answer(_ ticket: Ticket, _ result: Result<Receipt, any Error>) {
        callers.removeValue(forKey: ticket)?.resume(with: result)
    }

    private func startWorker() {
        guard worker == nil else { return }
        worker = Task(executorPreference: executor) { await self.processBatches() }
    }

    private func processBatches() async {
        while !waiting.isEmpty {
            let batch = waiting
            waiting = []
            do {
                let receipts = try await process(batch.map(\.item))
                precondition(receipts.count == batch.count, "each item needs a receipt")
                for ((ticket, _), receipt) in zip(batch, receipts) { answer(ticket, .success(receipt)) }
            } catch {
                for (ticket, _) in batch { answer(ticket, .failure(error)) }
            }
        }
        worker = nil
    }
}

/// Thrown when no more items may wait.
public struct QueueFull: Error, CustomStringConvertible {
    /// How many items may wait.
    public let capacity: Int

    /// The reason, for logs.
    public var description: String { "\(capacity) items are waiting already" }
}
