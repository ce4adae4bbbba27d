import Domain
import Glibc
import NIOCore

/// Sends frames to one client, and keeps those of new changes while the client does not read. It belongs to the event loop of
/// its channel.
final class SendQueue {
    private let hub: LoopHub
    private let context: ChannelHandlerContext
    private let now: @Sendable () -> Instant
    /// The newest message that was written, or that the client has seen: a client that is cut off goes on from there.
    var writtenSequence: Int64 = 0
    /// Whether the channel takes more. Kept here, since `Channel.isWritable` is an atomic load for each message.
    private(set) var isWritable = true
    /// Frames that wait until the client reads.
    private var waiting: [RelayFrame] = []
    private var waitingBytes = 0
    /// The socket of the channel; `nil` without one, and once it is closed. The channel reports its closing before anything
    /// else can run on the event loop, so that this is never the number of another socket.
    private var socket: CInt?
    /// Writes that the channel has not done yet.
    private var queuedWrites = 0
    private var needsFlush = false

    init(_ context: ChannelHandlerContext, hub: LoopHub, now: @escaping @Sendable () -> Instant) {
        self.context = context
        self.hub = hub
        self.now = now
        // Without one everything goes by the channel.
        socket = try? context.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: CInt.self) { $0 }
    }

    /// Frames that wait.
    var waitingCount: Int { waiting.count }

    // MARK: Frames

    /// Writes the frame of a new change, or keeps it until the client reads.
    ///
    /// - Returns: whether there was room for it.
    func send(_ frame: RelayFrame) -> Bool {
        guard !waiting.isEmpty || !isWritable else {
            writeChange(frame)
            return true
        }
        waiting.append(frame)
        waitingBytes += frame.bytes.readableBytes
        return waiting.count <= Connection.Limit.waitingMessages && waitingBytes <= Connection.Limit.waitingBytes
    }

    private func writeChange(_ frame: RelayFrame) {
        let committedAt = frame.committedAt ?? now()
        write(frame, seconds: Double(now().microseconds - committedAt.microseconds) / 1_000_000)
    }

    /// Writes a frame that a client missed while it was away.
    func writeMissed(_ frame: RelayFrame) {
        write(frame, seconds: nil)
    }

    private func write(_ frame: RelayFrame, seconds: Double?) {
        writtenSequence = frame.sequence
        write(frame.bytes)
        hub.messageCounts.add(frame.kind, seconds: seconds)
    }

    /// Writes a message that is no change.
    func write(_ message: ByteBuffer, _ kind: MessageCounts.Kind) {
        write(message)
        hub.messageCounts.add(kind)
    }

    /// Drops what waits.
    func discard() {
        waiting = []
        waitingBytes = 0
    }

    /// Writes what waited, as far as the channel takes it. To be called when its writability has changed.
    func writabilityChanged() {
        isWritable = context.channel.isWritable
        // Also called from within a write below, when the channel takes no more.
        guard isWritable, !waiting.isEmpty else { return }
        var written = 0
        while written < waiting.count, isWritable {
            let frame = waiting[written]
            written += 1
            waitingBytes -= frame.bytes.readableBytes
            writeChange(frame)
        }
        waiting.removeFirst(written)
        flushIfNeeded()
    }

    // MARK: Bytes

    /// Writes to the socket itself where nothing waits before it: what many connections get costs one system call each,
    /// without a way through the channel's queue of writes (measured with 9,000 followers of one diagnosis). What the
    /// socket does not take goes by the channel.
    func write(_ bytes: ByteBuffer) {
        guard let socket, queuedWrites == 0 else { return writeByChannel(bytes) }
        let sent = bytes.withUnsafeReadableBytes {
            Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
        }
        guard sent < bytes.readableBytes else { return }
        var rest = bytes
        rest.moveReaderIndex(forwardBy: max(sent, 0))
        writeByChannel(rest)
    }

    private func writeByChannel(_ bytes: ByteBuffer) {
        queuedWrites += 1
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { [weak self] _ in self?.queuedWrites -= 1 }
        context.write(NIOAny(bytes), promise: promise)
        if !needsFlush {
            needsFlush = true
            hub.flushSoon(self)
        }
    }

    /// Sends what was written by the channel since the last time.
    func flushIfNeeded() {
        guard needsFlush else { return }
        needsFlush = false
        context.flush()
    }

    /// Forgets the socket, which is closed.
    func socketClosed() {
        socket = nil
    }
}
