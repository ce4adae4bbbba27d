import Concurrency
import Domain
import Store

/// Commits the broadcasts of other programs and hands them to the follower of the outbox, which need not read them again.
/// Broadcasts that arrive during one commit share the next. A commit may wait long for other writers; meanwhile the outbox
/// is read.
struct BroadcastQueue: Sendable {
    /// Broadcasts that may wait.
    private static let capacity = 5000

    private let commits: GroupCommit<Broadcast, Int64?>

    /// - Throws: `StoreError`.
    init(_ database: any Outbox, _ follower: OutboxFollower, now: @escaping @Sendable () -> Instant) throws {
        let writer = try database.broadcastWriter()
        commits = GroupCommit(capacity: Self.capacity, label: "avicenna.outbox.commits") { broadcasts in
            let now = now()
            let sequences = try writer.commit(broadcasts, at: now)
            follower.handOnCommitted(
                zip(broadcasts, sequences).compactMap { broadcast, sequence in
                    sequence.map { Delta($0, of: broadcast, at: now) }
                })
            return sequences
        }
    }

    /// Commits a broadcast, and hands it on. If the task is cancelled before its commit has begun, it is dropped.
    ///
    /// - Returns: the sequence number; `nil` if the diagnosis does not exist.
    /// - Throws: `QueueFull`; `CancellationError`; `StoreError`.
    func commit(_ broadcast: Broadcast) async throws -> Int64? {
        try await commits.submit(broadcast)
    }
}

extension Delta {
    fileprivate init(_ sequence: Int64, of broadcast: Broadcast, at now: Instant) {
        self.init(
            sequence: sequence, diagnosis: broadcast.diagnosis, at: now,
            change: .broadcast(broadcast.kind, json: broadcast.data))
    }
}
