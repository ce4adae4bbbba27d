import Dispatch
import Domain
import Store
import Synchronization

/// Commits broadcasts; those that come while others are being committed go together, so that a disk that is slow to say
/// that it has written holds up many no longer than one.
final class BroadcastQueue: Sendable {
    private typealias Pending = (broadcast: Broadcast, continuation: CheckedContinuation<Int64?, any Error>)

    private let database: any Database
    private let now: @Sendable () -> Instant
    private let queue = DispatchQueue(label: "avicenna.broadcasts")
    private let pending = Mutex<[Pending]>([])

    init(_ database: any Database, now: @escaping @Sendable () -> Instant) {
        self.database = database
        self.now = now
    }

    /// - Returns: the sequence number, once it is committed; `nil` where there is no such diagnosis.
    func add(_ broadcast: Broadcast) async throws -> Int64? {
        try await withCheckedThrowingContinuation { continuation in
            pending.withLock { $0.append((broadcast, continuation)) }
            queue.async { [self] in commit() }
        }
    }

    private func commit() {
        let batch = pending.withLock { pending in
            let batch = pending
            pending = []
            return batch
        }
        guard !batch.isEmpty else { return }
        do {
            let sequences = try database.broadcast(batch.map(\.broadcast), at: now())
            for (item, sequence) in zip(batch, sequences) { item.continuation.resume(returning: sequence) }
        } catch {
            for item in batch { item.continuation.resume(throwing: error) }
        }
    }
}
