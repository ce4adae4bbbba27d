public import Access
public import Configuration
public import Domain
import Foundation
public import NIOCore
import NIOPosix
import NIOWebSocket
public import Store

/// Tells those who follow a diagnosis what changed: reads deltas as they are committed, by whatever process, and hands each to
/// the connections of its diagnosis, in order, without gap or repetition.
///
/// Deltas are the only source: what is told is durable before it is told, and a relay that starts again goes on from there.
public final class Relay: Sendable {
    /// Messages of a diagnosis that are kept for those who come back.
    static let keptMessages = 100
    /// How long a lost signal goes unnoticed.
    private static let pollInterval = DispatchTimeInterval.seconds(1)

    let admissions: Admissions
    let counters = RelayCounters()
    private let errors: ThrottledErrorReporter
    /// Tells the time.
    let now: @Sendable () -> Instant
    private let database: any Outbox
    private let ownFigures: OwnFigures
    private let authenticator: TokenAuthenticator
    let hubs: [NIOLoopBound<LoopHub>]
    private let follower: OutboxFollower
    private let broadcasts: BroadcastQueue
    private let epoch: OutboxEpoch
    /// Renders messages.
    var messages: RelayMessage { RelayMessage(epoch: epoch) }

    /// A relay of a database, whose connections live on the loops of a group.
    ///
    /// - Parameters:
    ///   - ownFigures: how patients' own cases are counted for them.
    ///   - authenticator: authenticates clients. The relay keeps its keys and revocations current while it runs.
    ///   - report: told what stands in the way while it runs, such as a database that cannot be read, a file of
    ///     keys that was changed and holds none, or keys that are of no use; at most once a second.
    /// - Throws: `StoreError`.
    public init(
        _ database: any Outbox, ownFigures: OwnFigures, authenticator: TokenAuthenticator,
        limits: Settings.ConnectionLimits, on group: any EventLoopGroup, now: @escaping @Sendable () -> Instant,
        report: @escaping @Sendable (any Error) -> Void
    ) async throws {
        errors = ThrottledErrorReporter(report)
        self.database = database
        self.ownFigures = ownFigures
        self.authenticator = authenticator
        self.now = now
        admissions = Admissions(limits, counters: counters)
        var hubs: [NIOLoopBound<LoopHub>] = []
        for loop in group.makeIterator() {
            hubs.append(try await loop.submit { NIOLoopBound(LoopHub(on: loop), eventLoop: loop) }.get())
        }
        self.hubs = hubs
        epoch = try database.outboxEpoch()
        follower = try OutboxFollower(database, epoch: epoch, hubs: hubs, admissions: admissions, errors: errors)
        broadcasts = try BroadcastQueue(database, follower, now: now)
    }

    // MARK: Clients

    /// Makes an upgraded channel follow a diagnosis. To be called on the channel's event loop.
    public func follow(_ request: FollowRequest, on channel: any Channel) throws {
        guard let hub = hubs.first(where: { $0.eventLoop === channel.eventLoop })?.value else {
            preconditionFailure("the channel is of another group of event loops")
        }
        try channel.pipeline.syncOperations.addHandlers([
            ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: Connection.Limit.message)),
            Connection(request, relay: self, hub: hub),
        ])
    }

    /// Whether a client may follow what it asks for.
    func admit(_ request: FollowRequest) async -> Result<TokenHolder, AdmissionRefusal> {
        do {
            let claims = try authenticator.claims(of: request.token)
            let owner = try await blocking { try $0.patient(of: request.diagnosis) }
            guard let owner else {
                // Whether there is such a diagnosis is only for staff to know.
                return .failure(claims.role.isStaff ? .unknownDiagnosis(request.diagnosis) : .token(.forbidden))
            }
            guard claims.requester.owns(recordsOf: owner) else { return .failure(.token(.forbidden)) }
            return .success(TokenHolder(claims))
        } catch let refusal as TokenRefusal {
            return .failure(.token(refusal))
        } catch {
            // It was reported.
            return .failure(.unavailable)
        }
    }

    /// Counts a connection that was refused before it came to follow anything.
    public func refuse(_ reason: String) {
        counters.refuse(reason)
    }

    /// What a client gets first; `nil` if the database cannot be read.
    ///
    /// Its position is that of the diagnosis and the audience: that of the clinic would count the feedback of others.
    func beginning(of request: FollowRequest, for audience: Delta.Audience) async -> Beginning? {
        let diagnosis = request.diagnosis
        guard var since = request.since else {
            // Why the database cannot be read was reported.
            guard let last = try? await blocking({ try $0.latestSequence(of: diagnosis, for: audience) }) else {
                return nil
            }
            return Beginning(
                connect: connect(diagnosis, last, replayed: 0), position: last,
                page: MissedPage(frames: [], position: last, end: last))
        }
        // A position of another epoch counts as one that this outbox has not reached, which gives the whole state.
        if let known = request.epoch, known != epoch { since = .max }
        guard let missed = await missedDeltas(of: diagnosis, for: audience, after: since, upTo: nil) else {
            return nil
        }
        counters.replays.withLock { replays in
            replays.count += 1
            replays.messages += missed.deltas == nil ? 0 : missed.count
            replays.resyncs += missed.deltas == nil ? 1 : 0
        }
        let replayed = missed.deltas == nil ? 1 : missed.count
        return Beginning(
            connect: connect(diagnosis, missed.last, replayed: replayed), position: missed.deltas == nil ? 0 : since,
            page: page(missed, of: diagnosis, for: audience))
    }

    /// What a client missed after a message, up to another one; `nil` if the database cannot be read.
    func missed(
        of diagnosis: DiagnosisID, for audience: Delta.Audience, after sequence: Int64, upTo end: Int64
    ) async -> MissedPage? {
        await missedDeltas(of: diagnosis, for: audience, after: sequence, upTo: end).map {
            page($0, of: diagnosis, for: audience)
        }
    }

    private func missedDeltas(
        of diagnosis: DiagnosisID, for audience: Delta.Audience, after sequence: Int64, upTo end: Int64?
    ) async -> MissedPart? {
        let (own, now) = (ownFigures, now())
        // Why the database cannot be read was reported.
        return try? await blocking {
            try $0.missed(
                of: diagnosis, for: audience, after: sequence, upTo: end, limit: Self.keptMessages,
                bytes: Connection.Limit.pageBytes, own: own, at: now)
        }
    }

    private func page(_ missed: MissedPart, of diagnosis: DiagnosisID, for audience: Delta.Audience) -> MissedPage {
        guard let deltas = missed.deltas else {
            let text = messages.resync(
                diagnosis, sequence: missed.last, at: now(),
                state: missed.state ?? DiagnosisState(effectiveness: [:], ranking: .coarse([])), herbs: missed.herbs)
            let frame = RelayFrame(resync: text, of: diagnosis, sequence: missed.last, for: audience)
            return MissedPage(frames: [frame], position: missed.last, end: missed.last)
        }
        let position = missed.hasMore ? deltas.last?.sequence ?? missed.last : missed.last
        return MissedPage(
            frames: deltas.map { RelayFrame($0, herbs: missed.herbs, epoch: epoch) }, position: position,
            end: missed.last)
    }

    private func connect(_ diagnosis: DiagnosisID, _ sequence: Int64, replayed: Int) -> ByteBuffer {
        ServerFrame.text(messages.connect(diagnosis, sequence: sequence, at: now(), replayed: replayed))
    }

    private func blocking<Value: Sendable>(
        _ body: @escaping @Sendable (any Outbox) throws -> Value
    ) async throws -> Value {
        let database = database
        do {
            return try await NIOThreadPool.singleton.runIfActive { try body(database) }
        } catch {
            errors.report(error)
            throw error
        }
    }

    // MARK: Broadcasts

    /// Commits what another program has us tell; its followers are told once it is committed.
    ///
    /// - Returns: its sequence number; `nil` where there is no such diagnosis.
    /// - Throws: `QueueFull` if too many broadcasts wait; `CancellationError`; `StoreError`.
    public func broadcast(_ broadcast: Broadcast) async throws -> Int64? {
        do {
            return try await broadcasts.commit(broadcast)
        } catch let error as CancellationError {
            throw error
        } catch {
            errors.report(error)
            throw error
        }
    }

    // MARK: Following

    /// Follows the deltas until the task is cancelled; then ends all connections, spread over a few seconds.
    public func run() async throws {
        let readOn: @Sendable () -> Void = { [weak self] in
            self?.follower.readOn()
            self?.readRevocations()
        }
        try follower.start(readOn)
        let timer = DispatchSource.makeTimerSource(queue: follower.queue)
        timer.schedule(deadline: .now(), repeating: Self.pollInterval)
        timer.setEventHandler(handler: readOn)
        timer.activate()
        let checks = hubs.map { hub in
            hub.eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { [weak self] _ in
                guard let self else { return }
                hub.value.checkLiveness(at: now(), authenticator.revocations)
            }
        }
        if let unusable = authenticator.unusableKeys { errors.report(unusable) }
        while !Task.isCancelled {
            do {
                try await authenticator.refreshKeys()
            } catch { errors.report(error) }
            // A cancelled sleep is how it is told to end.
            try? await Task.sleep(for: .seconds(1))
        }
        timer.cancel()
        follower.stop()
        for check in checks { check.cancel() }
        await endAll()
    }

    private func endAll() async {
        for turnsLeft in (1...20).reversed() {
            for hub in hubs { try? await hub.eventLoop.submit { hub.value.endPart(of: turnsLeft) }.get() }
            if admissions.snapshot.total == 0 { return }
            // Detached from the task that was cancelled.
            await Task { try? await Task.sleep(for: .milliseconds(100)) }.value
        }
    }

    /// Reads new revocations and ends the connections whose token they revoke. On the queue.
    private func readRevocations() {
        do {
            guard try authenticator.readRevocations() else { return }
        } catch {
            // The next look tries again.
            errors.report(error)
            return
        }
        for hub in hubs {
            hub.eventLoop.execute { [self] in hub.value.checkLiveness(at: now(), authenticator.revocations) }
        }
    }

    // MARK: How it stands

    /// Whether the database can be read.
    public var isReady: Bool { follower.isHealthy }

    /// How a relay stands.
    public struct Status: Sendable {
        /// Connections in all.
        public var connections: Int
        /// Connections by diagnosis.
        public var connectionsByDiagnosis: [DiagnosisID: Int]
        /// Messages that wait to be read, by diagnosis.
        public var queuedByDiagnosis: [DiagnosisID: Int]
    }

    /// How it stands now.
    public func status() async throws -> Status {
        let (total, byDiagnosis) = admissions.snapshot
        var queued: [DiagnosisID: Int] = [:]
        for hub in hubs {
            let waiting = try await hub.eventLoop.submit { hub.value.waiting }.get()
            queued.merge(waiting, uniquingKeysWith: +)
        }
        return Status(connections: total, connectionsByDiagnosis: byDiagnosis, queuedByDiagnosis: queued)
    }

    /// Counts of the messages that were written to clients.
    var messageCounts: MessageCounts {
        get async {
            var counts = MessageCounts()
            for hub in hubs {
                // Event loops end with the process.
                guard let own = try? await hub.eventLoop.submit({ hub.value.messageCounts }).get() else { continue }
                counts.add(own)
            }
            return counts
        }
    }

    /// Deltas that were committed and not handed on yet.
    func lag() async throws -> Int64 {
        max(0, try await blocking { try $0.latestSequence() } - follower.position)
    }
}
