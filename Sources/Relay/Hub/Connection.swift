import Access
import Domain
import Glibc
import NIOCore
import NIOWebSocket
import Store

/// One client that follows a diagnosis: the only handler of its channel besides the frame decoder. It lives on its event
/// loop, and everything in it is touched there alone.
final class Connection: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = ByteBuffer

    /// How far it has come.
    private enum State {
        /// Its token is being looked at.
        case entering
        /// It gets what it missed, a page at a time and as fast as it reads; what is new meanwhile is read after that.
        case catchingUp
        /// It gets what is new.
        case following
        /// A close was sent.
        case closing
    }

    let request: FollowRequest
    /// Position among the followers of its diagnosis, and among all; -1 where it is none. Kept by the hub.
    var slots = (ofDiagnosis: -1, ofAll: -1)
    /// Whether it counts among the connections.
    private var isInside = false
    private let relay: Relay
    private let hub: LoopHub
    private var state = State.entering
    private var context: ChannelHandlerContext?
    private var reader = MessageReader(limit: Limit.message)
    private var holder: TokenHolder?
    /// Whose messages it receives; `nil` until it was admitted.
    private var audience: Delta.Audience? { holder?.audience }
    /// The newest message that was sent or waits to be, or that the client has seen.
    private var sequence: Int64 = 0
    /// The newest message that was sent, or that the client has seen: from there a client that is cut off goes on.
    private var sentSequence: Int64 = 0
    /// The newest message that came while it catches up.
    private var newest: Int64 = 0
    /// Up to where it catches up, as far as its last page knows.
    private var pageEnd: Int64 = 0
    /// Whether the page that was read last is still to be taken by the client, and since when, in seconds.
    private var pageIsDue: (isWaiting: Bool, since: Int64) = (false, 0)
    /// Pings that came before `connect` was sent, which is the first message.
    private var earlyPings = 0
    private var isConnectSent = false
    /// What waits while it does not read.
    private var waiting: [RelayFrame] = []
    private var waitingBytes = 0
    private var needsFlush = false
    /// The socket of the channel, as long as it is open: the channel tells of its closing before anything else can run on
    /// the event loop, so that this never is the number of another socket.
    private var socket: CInt?
    /// Writes that the channel has not done yet.
    private var queuedWrites = 0
    /// Whether the channel takes more; asked of it, it costs more than all else that is done for a message here.
    private var isWritable = true
    private var inboundNow = 0
    private var unansweredPings = 0
    private var nextPing: Int64 = 0

    init(_ request: FollowRequest, relay: Relay, hub: LoopHub) {
        self.request = request
        self.relay = relay
        self.hub = hub
    }

    // MARK: Beginning

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        // Without one everything goes by the channel.
        socket = try? context.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: CInt.self) { $0 }
        if let refusal = relay.admissions.acquire(request) {
            end(.tryAgainLater, refusal)
            return
        }
        isInside = true
        hub.add(self)
        let (relay, request) = (relay, request)
        onLoop({ await relay.admit(request) }, then: { $0.admitted($1) })
    }

    /// Awaits something, and goes on with it on the event loop.
    private func onLoop<Value>(
        _ body: @escaping @Sendable () async -> Value, then: @escaping @Sendable (Connection, Value) -> Void
    ) {
        let bound = NIOLoopBound(self, eventLoop: hub.loop)
        Task(executorPreference: hub.executor) { then(bound.value, await body()) }
    }

    private func admitted(_ admission: Result<TokenHolder, AdmissionRefusal>) {
        guard state == .entering, isInside else { return }
        switch admission {
        case .failure(.unavailable): endUnread()
        case .failure(let refusal):
            relay.counters.refuse(refusal.name)
            end(.policyViolation, refusal.reason)
        case .success(let holder):
            self.holder = holder
            state = .catchingUp
            nextPing = relay.now().seconds + Limit.pingInterval
            // From here on it hears of what is new, and what was before is read: nothing falls between.
            hub.follow(self)
            let (relay, request) = (relay, request)
            onLoop({ await relay.beginning(of: request, for: holder.audience) }, then: { $0.begin($1) })
        }
    }

    /// Ends it because the database cannot be read.
    private func endUnread() { end(.tryAgainLater, AdmissionRefusal.unavailable.reason) }

    private func begin(_ beginning: Beginning?) {
        guard state == .catchingUp else { return }
        guard let beginning else { return endUnread() }
        sequence = beginning.position
        sentSequence = beginning.position
        write(beginning.connect)
        hub.messageCounts.add(.connect)
        isConnectSent = true
        for _ in 0..<earlyPings { answerPing() }
        catchUp(beginning.page)
    }

    /// Sends a page of what it missed, and has the next one read once the client has taken it.
    private func catchUp(_ page: MissedPage?) {
        guard state == .catchingUp else { return }
        guard let page else { return endUnread() }
        for frame in page.frames { write(frame) }
        sequence = page.position
        sentSequence = sequence
        pageEnd = page.end
        pageIsDue = (true, relay.now().seconds)
        flushIfNeeded()
        catchUpIfTaken()
    }

    private func catchUpIfTaken() {
        guard state == .catchingUp, pageIsDue.isWaiting, isWritable, let audience else { return }
        pageIsDue.isWaiting = false
        let target = max(newest, pageEnd)
        guard sequence < target else {
            state = .following
            return
        }
        let (relay, diagnosis, sequence) = (relay, request.diagnosis, sequence)
        onLoop(
            { await relay.missed(of: diagnosis, for: audience, after: sequence, upTo: target) },
            then: { $0.catchUp($1) })
    }

    // MARK: Outbound

    /// Hands it a message of its diagnosis; one that it has seen, or that is for others, is passed over.
    func send(_ frame: RelayFrame) {
        guard frame.sequence > sequence, frame.audience == nil || frame.audience == audience else { return }
        switch state {
        case .entering, .closing: return
        case .catchingUp: newest = frame.sequence
        case .following:
            sequence = frame.sequence
            if waiting.isEmpty, isWritable { write(frame) } else { hold(frame) }
        }
    }

    private func write(_ frame: RelayFrame) {
        sentSequence = frame.sequence
        write(frame.bytes)
        // What it missed while it was away was not delayed by us.
        let committedAt = state == .following ? frame.committedAt : nil
        let delay = committedAt.map { Double(relay.now().microseconds - $0.microseconds) / 1_000_000 }
        hub.messageCounts.add(frame.kind, seconds: delay)
    }

    private func hold(_ frame: RelayFrame) {
        waiting.append(frame)
        waitingBytes += frame.bytes.readableBytes
        guard waiting.count > Limit.waitingMessages || waitingBytes > Limit.waitingBytes else { return }
        relay.counters.slow.add(1, ordering: .relaxed)
        end(.tryAgainLater, "too many messages wait to be read")
    }

    /// Writes to the socket itself where nothing waits before it: what many connections get costs one system call each,
    /// without a way through the channel's queue of writes (measured with 9,000 followers of one diagnosis). What the
    /// socket does not take goes by the channel.
    private func write(_ bytes: ByteBuffer) {
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
        guard let context else { return }
        queuedWrites += 1
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { [weak self] _ in self?.queuedWrites -= 1 }
        context.write(wrapOutboundOut(bytes), promise: promise)
        if !needsFlush {
            needsFlush = true
            hub.flushSoon(self)
        }
    }

    /// Sends what was written since the last time.
    func flushIfNeeded() {
        guard needsFlush else { return }
        needsFlush = false
        context?.flush()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        catchUpIfTaken()
        guard state == .following, isWritable, !waiting.isEmpty else { return }
        var sent = 0
        while sent < waiting.count, isWritable {
            let frame = waiting[sent]
            sent += 1
            waitingBytes -= frame.bytes.readableBytes
            write(frame)
        }
        waiting.removeFirst(sent)
        flushIfNeeded()
    }

    /// Messages that wait for it.
    var waitingCount: Int { waiting.count }

    // MARK: Inbound

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard state != .closing else {
            // All that counts now is whether the client has closed as well.
            if unwrapInboundIn(data).opcode == .connectionClose { context.close(promise: nil) }
            return
        }
        inboundNow += 1
        guard inboundNow <= Limit.inboundRate else {
            relay.counters.refuse("rate")
            end(.policyViolation, "too many messages in a second")
            return
        }
        let frame = unwrapInboundIn(data)
        switch reader.read(frame) {
        case .nothing: break
        case .pong: unansweredPings = 0
        case .ping(let content): write(ServerFrame.pong(content))
        case .text(let message):
            if ClientMessage.isPing(message) {
                if isConnectSent { answerPing() } else { earlyPings = min(earlyPings + 1, Limit.inboundRate) }
            }
        case .close(let code):
            end(code ?? .normalClosure, "")
            context.close(promise: nil)
        case .violation(let code, let reason):
            relay.counters.refuse("protocol")
            end(code, reason)
            // With a close that is not valid, both sides have sent one.
            if frame.opcode == .connectionClose { context.close(promise: nil) }
        }
        flushIfNeeded()
    }

    private func answerPing() {
        write(ServerFrame.text(RelayMessage.pong(request.diagnosis, sequence: sentSequence, at: relay.now())))
        hub.messageCounts.add(.pong)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard state != .closing, let error = error as? NIOWebSocketError else {
            context.close(promise: nil)
            return
        }
        relay.counters.refuse("protocol")
        switch error {
        case .invalidFrameLength: end(.messageTooLarge, "a message may have \(Limit.message) bytes")
        case .fragmentedControlFrame: end(.protocolError, "a control frame is in parts")
        case .multiByteControlFrameLength: end(.protocolError, "a control frame is too long")
        }
        // Nothing more can be read, not even the client's close, so it is not waited for.
        context.close(mode: .output, promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        socket = nil
        leave()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        socket = nil
        leave()
        self.context = nil
    }

    // MARK: Time

    /// Checks once a second whether its token is still valid, and whether the client still answers.
    func checkLiveness(at now: Instant, _ revocations: Revocations) {
        inboundNow = 0
        guard state == .following || state == .catchingUp, let holder else { return }
        if pageIsDue.isWaiting, now.seconds - pageIsDue.since >= Limit.pagePatience {
            relay.counters.slow.add(1, ordering: .relaxed)
            end(.tryAgainLater, "what was missed is not read")
        } else if now >= holder.expires {
            end(.expired, TokenRefusal.expired.rawValue)
        } else if revocations.contains(holder) {
            end(.revoked, TokenRefusal.revoked.rawValue)
        } else if now.seconds >= nextPing {
            nextPing = now.seconds + Limit.pingInterval
            if unansweredPings >= Limit.unansweredPings {
                end(.unexpectedServerError, "no answer to pings")
            } else {
                unansweredPings += 1
                write(ServerFrame.ping)
                flushIfNeeded()
            }
        }
    }

    // MARK: End

    /// Tells the client that it ends, and why; the channel follows when the client has answered, or soon.
    func end(_ code: WebSocketErrorCode, _ reason: String) {
        guard state != .closing, let context else { return }
        state = .closing
        leave()
        waiting = []
        waitingBytes = 0
        write(ServerFrame.close(code, reason))
        flushIfNeeded()
        let channel = context.channel
        // Closed at once, what the client is sending would make its system drop what it has not read.
        context.eventLoop.scheduleTask(in: .seconds(1)) { channel.close(promise: nil) }
    }

    private func leave() {
        guard isInside else { return }
        isInside = false
        hub.remove(self)
        relay.admissions.release(request)
    }
}
