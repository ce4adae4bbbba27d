import Domain
import Foundation
import Store
import Synchronization

/// Commits what requests ask for. Those that come while others are being committed go together, so that a disk that is slow
/// to say that it has written holds up many no longer than one.
final class WriteDesk: Sendable {
    private typealias Pending = (order: WriteOrder, continuation: CheckedContinuation<WriteReceipt, any Error>)

    /// Orders that may wait.
    private static let most = 5000

    private let queue = DispatchQueue(label: "avicenna.writes")
    private let database: any ClinicStore
    private let rules: WriteRules
    private let now: @Sendable () -> Instant
    private let pending = Mutex<[Pending]>([])

    init(_ database: any ClinicStore, rules: WriteRules, now: @escaping @Sendable () -> Instant) {
        self.database = database
        self.rules = rules
        self.now = now
    }

    /// Does what is asked for.
    ///
    /// - Returns: what came of it, once it is durable.
    func write(_ order: WriteOrder) async throws -> WriteReceipt {
        try await withCheckedThrowingContinuation { continuation in
            let isTaken = pending.withLock { pending in
                guard pending.count < Self.most else { return false }
                pending.append((order, continuation))
                return true
            }
            if isTaken { queue.async { [self] in commit() } } else { continuation.resume(throwing: Problem.busy) }
        }
    }

    private func commit() {
        let batch = pending.withLock { pending in
            defer { pending = [] }
            return pending
        }
        guard !batch.isEmpty else { return }
        do {
            let receipts = try database.write(batch.map(\.order), rules: rules, at: now())
            if receipts.contains(where: \.hasNews) { database.signal.raise() }
            for (item, receipt) in zip(batch, receipts) { item.continuation.resume(returning: receipt) }
        } catch {
            for item in batch { item.continuation.resume(throwing: error) }
        }
    }
}

extension Problem {
    /// The database does not take it now.
    static var busy: Problem {
        var problem = Problem(.serviceUnavailable, "too much waits to be written; try again later")
        problem.headers[.retryAfter] = "1"
        return problem
    }
}
