import Access
import Domain
import NIOCore
import NIOWebSocket
import Store

/// One client that follows a diagnosis: the only handler of its channel besides the frame decoder. It lives on its event
/// loop, and everything in it is touched there alone.
final class Connection: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = ByteBuffer

    private enum State {
        /// Its token is being checked.
        case entering
        /// Its position is being read.
        case starting
        /// It gets what it missed, a page at a time and as fast as it reads; what is new meanwhile is read after that.
        case catchingUp(CatchUp)
        /// It gets what is new.
        case following
        /// A close was sent.
        case closing
    }

    private struct CatchUp {
        /// The newest missed message, as far as the last page says.
        var end: Int64 = 0
        /// When the last page was written, in seconds, as long as the client has not taken it.
        var unreadSince: Int64?
    }

    let request: FollowRequest
    /// Its positions in the lists of the hub, which keeps them; `nil` where it is in none.
    var positions: (amongFollowers: Int?, amongAll: Int?) = (nil, nil)
    /// Whether it counts among the connections.
    private var isAdmitted = false
    private let relay: Relay
    private let hub: LoopHub
    private var state = State.entering
    private var context: ChannelHandlerContext?
    /// `nil` before it has a channel, and after.
    private var queue: SendQueue?
    private var keepAlive: KeepAlive
    private var reader = MessageReader(limit: Limit.message)
    /// Whose messages it receives; `nil` until its token was checked.
    private var holder: TokenHolder?
    private var audience: Delta.Audience? { holder?.audience }
    /// The newest message that was written or waits to be, or that the client has seen.
    private var sequence: Int64 = 0
    /// The newest message that came while it catches up.
    private var newest: Int64 = 0
    /// Pings that came before `connect` was sent, which is the first message.
    private var earlyPings = 0

    init(_ request: FollowRequest, relay: Relay, hub: LoopHub) {
        self.request = request
        self.relay = relay
        self.hub = hub
        keepAlive = KeepAlive(at: relay.now())
    }

    // MARK: Beginning

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        queue = SendQueue(context, hub: hub, now: relay.now)
        if let refusal = relay.admissions.acquire(request) {
            end(.tryAgainLater, refusal)
            return
        }
        isAdmitted = true
        hub.add(self)
        let (relay, request) = (relay, request)
        onLoop({ await relay.admit(request) }, then: { $0.checked($1) })
    }

    /// Awaits something, and goes on with it on the event loop.
    private func onLoop<Value>(
        _ body: @escaping @Sendable () async -> Value, then: @escaping @Sendable (Connection, Value) -> Void
    ) {
        let bound = NIOLoopBound(self, eventLoop: hub.loop)
        Task(executorPreference: hub.executor) { then(bound.value, await body()) }
    }

    private func checked(_ admission: Result<TokenHolder, AdmissionRefusal>) {
        guard case .entering = state, isAdmitted else { return }
        switch admission {
        case .failure(.unavailable): endUnread()
        case .failure(let refusal):
            relay.counters.refuse(refusal.name)
            end(.policyViolation, refusal.reason)
        case .success(let holder):
            self.holder = holder
            state = .starting
            // From here on it hears of what is new, and what was before is read: nothing falls between.
            hub.follow(self)
            let (relay, request) = (relay, request)
            onLoop({ await relay.beginning(of: request, for: holder.audience) }, then: { $0.begin($1) })
        }
    }

    /// Ends it because the database cannot be read.
    private func endUnread() { end(.tryAgainLater, AdmissionRefusal.unavailable.reason) }

    private func begin(_ beginning: Beginning?) {
        guard case .starting = state, let queue else { return }
        guard let beginning else { return endUnread() }
        sequence = beginning.position
        queue.writtenSequence = beginning.position
        queue.write(beginning.connect, .connect)
        state = .catchingUp(CatchUp())
        for _ in 0..<earlyPings { answerPing() }
        catchUp(beginning.page)
    }

    /// Sends a page of what it missed, and has the next one read once the client has taken it.
    private func catchUp(_ page: MissedPage?) {
        guard case .catchingUp = state, let queue else { return }
        guard let page else { return endUnread() }
        for frame in page.frames { queue.writeMissed(frame) }
        sequence = page.position
        queue.writtenSequence = sequence
        state = .catchingUp(CatchUp(end: page.end, unreadSince: relay.now().seconds))
        queue.flushIfNeeded()
        catchUpIfTaken()
    }

    private func catchUpIfTaken() {
        guard case .catchingUp(var progress) = state, progress.unreadSince != nil, queue?.isWritable == true,
            let audience
        else { return }
        progress.unreadSince = nil
        let target = max(newest, progress.end)
        guard sequence < target else {
            state = .following
            return
        }
        state = .catchingUp(progress)
        let (relay, diagnosis, sequence) = (relay, request.diagnosis, sequence)
        onLoop(
            { await relay.missed(of: diagnosis, for: audience, after: sequence, upTo: target) },
            then: { $0.catchUp($1) })
    }

    // MARK: Outbound

    /// Sends it a message of its diagnosis, unless it has seen it or the message is for others.
    func send(_ frame: RelayFrame) {
        guard frame.sequence > sequence, frame.audience == nil || frame.audience == audience else { return }
        switch state {
        case .entering, .closing: return
        case .starting, .catchingUp: newest = frame.sequence
        case .following:
            sequence = frame.sequence
            guard queue?.send(frame) == false else { return }
            relay.counters.slow.add(1, ordering: .relaxed)
            end(.tryAgainLater, "too many messages wait to be read")
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        queue?.writabilityChanged()
        catchUpIfTaken()
    }

    /// Messages that wait for it.
    var waitingCount: Int { queue?.waitingCount ?? 0 }

    // MARK: Inbound

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        if case .closing = state {
            // All that counts now is whether the client has closed as well.
            if frame.opcode == .connectionClose { context.close(promise: nil) }
            return
        }
        guard keepAlive.admitsFrame() else {
            relay.counters.refuse("rate")
            end(.policyViolation, "too many messages in a second")
            return
        }
        switch reader.read(frame) {
        case .nothing: break
        case .pong: keepAlive.notePong()
        case .ping(let content): queue?.write(ServerFrame.pong(content))
        case .text(let message): if ClientMessage.isPing(message) { pinged() }
        case .close(let code):
            end(code ?? .normalClosure, "")
            context.close(promise: nil)
        case .violation(let code, let reason):
            relay.counters.refuse("protocol")
            end(code, reason)
            // With a close that is not valid, both sides have sent one.
            if frame.opcode == .connectionClose { context.close(promise: nil) }
        }
        queue?.flushIfNeeded()
    }

    private func pinged() {
        switch state {
        case .entering, .starting: earlyPings = min(earlyPings + 1, Limit.inboundRate)
        case .catchingUp, .following: answerPing()
        case .closing: break
        }
    }

    private func answerPing() {
        guard let queue else { return }
        let pong = relay.messages.pong(request.diagnosis, sequence: queue.writtenSequence, at: relay.now())
        queue.write(ServerFrame.text(pong), .pong)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if case .closing = state { return context.close(promise: nil) }
        guard let error = error as? NIOWebSocketError else { return context.close(promise: nil) }
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
        queue?.socketClosed()
        release()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        queue?.socketClosed()
        queue = nil
        release()
        self.context = nil
    }

    // MARK: Time

    /// Checks once a second whether its token is still valid, and whether the client still answers.
    func checkLiveness(at now: Instant, _ revocations: Revocations) {
        keepAlive.beginSecond()
        let unreadSince: Int64?
        switch state {
        case .entering, .closing: return
        case .starting, .following: unreadSince = nil
        case .catchingUp(let progress): unreadSince = progress.unreadSince
        }
        guard let holder else { return }
        if let unreadSince, now.seconds - unreadSince >= Limit.pageTimeout {
            relay.counters.slow.add(1, ordering: .relaxed)
            end(.tryAgainLater, "what was missed is not read")
        } else if now >= holder.expires {
            end(.expired, TokenRefusal.expired.rawValue)
        } else if revocations.contains(holder) {
            end(.revoked, TokenRefusal.revoked.rawValue)
        } else {
            switch keepAlive.check(at: now) {
            case .alive: break
            case .pingDue:
                queue?.write(ServerFrame.ping)
                queue?.flushIfNeeded()
            case .silent: end(.unexpectedServerError, "no answer to pings")
            }
        }
    }

    // MARK: End

    /// Sends a close with its reason; the channel follows when the client has answered, or soon.
    func end(_ code: WebSocketErrorCode, _ reason: String) {
        if case .closing = state { return }
        guard let context else { return }
        state = .closing
        release()
        queue?.discard()
        queue?.write(ServerFrame.close(code, reason))
        queue?.flushIfNeeded()
        let channel = context.channel
        // Closed at once, what the client is sending would make its system drop what it has not read.
        context.eventLoop.scheduleTask(in: .seconds(1)) { channel.close(promise: nil) }
    }

    private func release() {
        guard isAdmitted else { return }
        isAdmitted = false
        hub.remove(self)
        relay.admissions.release(request)
    }
}
