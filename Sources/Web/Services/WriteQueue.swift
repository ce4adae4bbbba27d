import Concurrency
import Domain
import Store

/// Commits the changes that requests ask for, those that arrive during one commit together in the next.
struct WriteQueue: Sendable {
    /// Orders that may wait.
    private static let capacity = 5000

    private let commits: GroupCommit<WriteOrder, WriteReceipt>

    init(_ database: any ClinicStore, rules: WriteRules, now: @escaping @Sendable () -> Instant) {
        commits = GroupCommit(capacity: Self.capacity, label: "avicenna.writes") { orders in
            let receipts = try database.write(orders, rules: rules, at: now())
            if receipts.contains(where: \.hasNews) { database.signal.raise() }
            return receipts
        }
    }

    /// Writes what is ordered. If the task is cancelled before its commit has begun, nothing is written; later, the write is
    /// not undone.
    ///
    /// - Returns: the receipt, once the write is durable.
    /// - Throws: `Problem` (503) if too many orders wait; `CancellationError`; `StoreError`.
    func write(_ order: WriteOrder) async throws -> WriteReceipt {
        do {
            return try await commits.submit(order)
        } catch is QueueFull {
            throw Problem.busy
        }
    }
}

extension Problem {
    /// A queue is full.
    static var busy: Problem {
        var problem = Problem(.serviceUnavailable, "too many requests are waiting; try again later")
        problem.headers[.retryAfter] = "1"
        return problem
    }
}
