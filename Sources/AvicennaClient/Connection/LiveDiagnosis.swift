public import Foundation
public import NIOCore
import NIOPosix
import Synchronization

/// A live connection to one diagnosis: what changes comes as a sequence of messages, each once and in order, also across
/// lost connections and restarts of the server.
///
/// ```swift
/// let live = LiveDiagnosis(12, at: URL(string: "wss://clinic.example")!) { try await session.token() }
/// for try await message in live.messages {
///     switch message.content {
///     case .recommendationUpdate(let ranking): show(ranking)
///     case .effectivenessUpdate(let update): show(update)
///     case .resync(let state): show(state)
///     case .connected, .other: break
///     }
/// }
/// ```
///
/// The connection lives as long as somebody iterates over `messages`: it is made by the first step, made again when it is
/// lost, and ended with the loop or its task. `states` tells how it stands, for an indicator in the app.
public final class LiveDiagnosis: Sendable {
    /// What can be chosen.
    public struct Options: Sendable {
        /// The `LiveMessage.resumePosition` of the last message that was processed before, such as by an earlier start of the
        /// app; `nil` for what is new from now on. With sequence 0 everything is sent, as messages or as one `resync`.
        public var since: LivePosition?
        /// How a lost connection is tried again.
        public var reconnection = Reconnection()
        /// How long a server may take to answer.
        public var patience = Duration.seconds(10)
        /// How long a server may be silent; it sends a ping every 30 seconds.
        public var silence = Duration.seconds(75)
        /// Certificates in PEM to trust instead of the system's, for a clinic with its own authority.
        public var trustedCertificates: URL?
        /// Where the connection runs.
        public var eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton

        /// The usual.
        public init() {}
    }

    /// Messages that are remembered.
    public static let remembered = 50

    /// The diagnosis.
    public let diagnosisID: Int64
    /// The server, such as `wss://clinic.example`; with a path where it stands behind one.
    public let server: URL
    let options: Options
    /// Asked before each connection, so that one that has expired is replaced.
    let token: @Sendable () async throws -> String
    private let memory: Mutex<Memory>

    private struct Memory {
        var state = ConnectionState.idle
        var watchers: [UUID: AsyncStream<ConnectionState>.Continuation] = [:]
        var recent: [LiveMessage] = []
        var position: LivePosition?
    }

    /// A diagnosis to be followed; nothing happens before its messages are asked for.
    public init(
        _ diagnosisID: Int64, at server: URL, options: Options = Options(),
        token: @escaping @Sendable () async throws -> String
    ) {
        self.diagnosisID = diagnosisID
        self.server = server
        self.options = options
        self.token = token
        memory = Mutex(Memory(position: options.since))
    }

    // MARK: What there is

    /// The messages. To be iterated over by one at a time; a second loop goes on where the first has ended.
    ///
    /// A consumer that is slow slows the server down, which after some hundred waiting messages ends the connection; it is
    /// then made again, and nothing is lost. Iterating throws `LiveError` where it is over, and `CancellationError`.
    public var messages: Messages { Messages(live: self) }

    /// How the connection stands, now and whenever that changes. Each call gives a sequence of its own, which ends with its
    /// task or loop.
    public var states: AsyncStream<ConnectionState> {
        AsyncStream(bufferingPolicy: .bufferingNewest(16)) { continuation in
            let id = UUID()
            continuation.onTermination = { [weak self] _ in self?.memory.withLock { $0.watchers[id] = nil } }
            memory.withLock { memory in
                continuation.yield(memory.state)
                memory.watchers[id] = continuation
            }
        }
    }

    /// How the connection stands now.
    public var state: ConnectionState { memory.withLock { $0.state } }

    /// The newest messages that tell something, oldest first, at most 50.
    public var recent: [LiveMessage] { memory.withLock { $0.recent } }

    /// The position up to which every message has been handed to the loop over `messages`, for `Options.since` at the next
    /// start. It never runs ahead of messages that are still to be replayed. `nil` before the first connection.
    ///
    /// The loop may still be processing the last message. An app that must not lose it stores the
    /// `LiveMessage.resumePosition` of each message after it has processed it.
    public var position: LivePosition? { memory.withLock { $0.position } }

    /// The sequence number of `position`.
    public var sequence: Int64? { position?.sequence }

    /// The messages of a diagnosis.
    public struct Messages: AsyncSequence, Sendable {
        let live: LiveDiagnosis

        /// Goes on where the last loop has ended.
        public func makeAsyncIterator() -> Iterator { Iterator(follower: Follower(live)) }

        /// One loop over the messages.
        public struct Iterator: AsyncIteratorProtocol {
            let follower: Follower

            /// The next message. It never gives `nil`: following ends by an error.
            public mutating func next() async throws -> LiveMessage? { try await follower.next() }
        }
    }

    // MARK: What the follower tells

    func enter(_ state: ConnectionState) {
        let watchers = memory.withLock { memory in
            memory.state = state
            return Array(memory.watchers.values)
        }
        for watcher in watchers { watcher.yield(state) }
    }

    /// A loop has ended.
    func leave() {
        if case .ended = state { return }
        enter(.ended(nil))
    }

    /// - Returns: whether the message is new.
    func take(_ message: LiveMessage) -> Bool {
        memory.withLock { memory in
            switch message.content {
            case .connected(let replayed):
                // What was missed is still to come; its sequence numbers are lower than this one's.
                if memory.position == nil || replayed == 0 { memory.position = message.position }
                return true
            case .resync: break
            default: guard message.sequence > memory.position?.sequence ?? 0 else { return false }
            }
            memory.position = message.position
            memory.recent.append(message)
            if memory.recent.count > Self.remembered { memory.recent.removeFirst() }
            return true
        }
    }
}
