import Access
import Domain
import NIOCore

/// The connections of one event loop. It is touched on that loop alone.
final class LoopHub {
    let loop: any EventLoop
    let executor: EventLoopExecutor
    /// The messages that its connections wrote.
    var messageCounts = MessageCounts()
    private var all: [Connection] = []
    private var followers: [DiagnosisID: [Connection]] = [:]
    /// Frames that are still to be written.
    private var undelivered: CircularBuffer<RelayFrame> = []
    /// Whether a turn is scheduled that writes them.
    private var isDelivering = false
    /// Writes, of some microseconds each, after which others are served.
    private static let writesPerTurn = 500
    /// Those that something was written to since the last flush.
    private var unflushed: [SendQueue] = []

    init(on loop: any EventLoop) {
        self.loop = loop
        executor = EventLoopExecutor(loop)
    }

    // MARK: Who is there

    func add(_ connection: Connection) {
        loop.preconditionInEventLoop()
        connection.positions.amongAll = all.count
        all.append(connection)
    }

    /// From here on it is handed the messages of its diagnosis.
    func follow(_ connection: Connection) {
        connection.positions.amongFollowers = followers[connection.request.diagnosis, default: []].count
        followers[connection.request.diagnosis, default: []].append(connection)
    }

    /// The last one takes the place of the one that goes, so that a place costs the same however many there are.
    func remove(_ connection: Connection) {
        loop.preconditionInEventLoop()
        if let position = connection.positions.amongAll {
            all.swapAt(position, all.count - 1)
            all[position].positions.amongAll = position
            all.removeLast()
        }
        let diagnosis = connection.request.diagnosis
        if let position = connection.positions.amongFollowers, let last = followers[diagnosis]?.popLast() {
            if last !== connection {
                followers[diagnosis]?[position] = last
                last.positions.amongFollowers = position
            }
            if followers[diagnosis]?.isEmpty == true { followers[diagnosis] = nil }
        }
        connection.positions = (nil, nil)
    }

    // MARK: What they get

    /// Writes frames to the followers of their diagnoses, in order, and flushes each of these once a turn.
    ///
    /// Where there is much to write, the loop serves others in between.
    func deliver(_ frames: [RelayFrame]) {
        loop.preconditionInEventLoop()
        undelivered.append(contentsOf: frames)
        if !isDelivering { deliverTurn() }
    }

    private func deliverTurn() {
        var writes = 0
        while writes < Self.writesPerTurn, let frame = undelivered.popFirst() {
            guard let connections = followers[frame.diagnosis] else { continue }
            for connection in connections { connection.send(frame) }
            writes += connections.count
        }
        flush()
        isDelivering = !undelivered.isEmpty
        guard isDelivering else { return }
        let hub = NIOLoopBound(self, eventLoop: loop)
        loop.execute { hub.value.deliverTurn() }
    }

    func flushSoon(_ queue: SendQueue) {
        unflushed.append(queue)
    }

    private func flush() {
        let queues = unflushed
        unflushed.removeAll(keepingCapacity: true)
        for queue in queues { queue.flushIfNeeded() }
    }

    // MARK: Time

    func checkLiveness(at now: Instant, _ revocations: Revocations) {
        // Those that end leave the list meanwhile.
        for connection in Array(all) { connection.checkLiveness(at: now, revocations) }
    }

    /// Messages that wait to be read, by diagnosis.
    var waiting: [DiagnosisID: Int] {
        followers.mapValues { $0.reduce(0) { $0 + $1.waitingCount } }
    }

    /// Ends one of so many parts of the connections.
    func endPart(of parts: Int) {
        for connection in all.suffix((all.count + parts - 1) / parts) {
            connection.end(.goingAway, "the server is shutting down; reconnect with since")
        }
    }
}
