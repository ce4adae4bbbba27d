import Domain
import Foundation
import HTTPTypes
import NIOCore
import NIOHTTP1

/// Keeps the rules of HTTP/1 for one connection: its requests are answered in order, one at a time; requests that break
/// `RequestRules` are answered here; and a client that is slow to send a request, or to read an answer, is cut off.
///
/// It belongs to the event loop of its channel.
final class HTTPExchangeHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        /// Between requests.
        case idle(since: NIODeadline)
        /// A request is received or answered.
        case exchange(Exchange)
        /// Nothing more is accepted or answered.
        case over(since: NIODeadline, cause: End)
    }

    private enum End {
        /// The client still takes the last answer.
        case lastAnswer
        case error
    }

    /// What comes of a connection.
    private enum Item {
        case part(HTTPServerRequestPart)
        case event(ChannelEvent)
    }

    private enum Limit {
        /// No more is read while so many parts are held.
        static let held = 16
        /// Between requests.
        static let idle = TimeAmount.seconds(NetworkLimits.idleSeconds)
        /// From the head of a request to its end. The answer that it took too long is given earlier.
        static let request = TimeAmount.seconds(NetworkLimits.requestSeconds + 5)
        /// How often these times are checked.
        static let check = TimeAmount.seconds(5)
        /// How long a client may go on sending after the last answer, so that its system does not drop that answer.
        static let linger = TimeAmount.seconds(2)
    }

    private let localAnswers: LocalAnswers
    private let acceptsFollowers: Bool
    private var context: ChannelHandlerContext?
    private var state = State.idle(since: .now())
    /// What came before the present request was answered.
    private var held: [Item] = []
    private var isReadHeld = false
    /// Whether the server is shutting down.
    private var isShuttingDown = false
    private var check: Scheduled<Void>?
    private var unsent = UnsentBytes()

    /// - Parameter acceptsFollowers: whether the relay takes connections of the same port.
    init(_ localAnswers: LocalAnswers, acceptsFollowers: Bool) {
        self.localAnswers = localAnswers
        self.acceptsFollowers = acceptsFollowers
    }

    /// The present exchange; it can be changed only as long as there is one.
    private var exchange: Exchange? {
        get { if case .exchange(let exchange) = state { exchange } else { nil } }
        set { if let newValue, case .exchange = state { state = .exchange(newValue) } }
    }

    private var isOver: Bool { if case .over = state { true } else { false } }

    /// Whether the connection ends with the present exchange.
    private var endsWithExchange: Bool { exchange?.persistence == .last || isShuttingDown }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        checkTimesLater(context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        check?.cancel()
        self.context = nil
    }

    // MARK: Time limits

    private func checkTimesLater(_ context: ChannelHandlerContext) {
        check = context.eventLoop.assumeIsolated().scheduleTask(in: Limit.check) { [weak self] in
            guard let self, let context = self.context else { return }
            checkTimes(context)
            checkTimesLater(context)
        }
    }

    private func checkTimes(_ context: ChannelHandlerContext) {
        let now = NIODeadline.now()
        let isLate =
            switch state {
            case .idle(let since), .over(let since, _): now - since >= Limit.idle
            case .exchange(let exchange):
                switch exchange.progress {
                case .receiving, .answeredEarly: now - exchange.start >= Limit.request
                case .received, .done: false
                }
            }
        // All channels that have a socket know the number.
        let bytes = (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        let isAnswerTaken = unsent.count == 0
        if unsent.isStalled(with: bytes, at: now) || isLate && isAnswerTaken { context.close(promise: nil) }
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver else { return }
        takeInTurn(.part(unwrapInboundIn(data)), context)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        // Nobody else reads what is discarded.
        if isOver { context.read() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case let event as ChannelEvent:
            if !isOver {
                takeInTurn(.event(event), context)
            } else if event == .inputClosed {
                context.close(promise: nil)
            }
        case is ChannelShouldQuiesceEvent:
            switch state {
            case .idle, .over(_, .error): context.close(promise: nil)
            case .exchange, .over(_, .lastAnswer): isShuttingDown = true
            }
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if error is HTTPParserError, exchange?.progress == .receiving {
            // The rest of the request is not HTTP: the router, which reads its body, answers that it is incomplete.
            exchange?.persistence = .last
        } else {
            end(.error, context)
        }
        context.fireErrorCaught(error)
    }

    func read(context: ChannelHandlerContext) {
        if held.count < Limit.held || isOver { context.read() } else { isReadHeld = true }
    }

    private func takeInTurn(_ item: Item, _ context: ChannelHandlerContext) {
        if held.isEmpty, isInTurn(item) { take(item, context) } else { held.append(item) }
    }

    private func isInTurn(_ item: Item) -> Bool {
        if case .part(.head) = item, case .exchange = state { false } else { true }
    }

    private func take(_ item: Item, _ context: ChannelHandlerContext) {
        switch item {
        case .event(let event): context.fireUserInboundEventTriggered(event)
        case .part(.head(let head)): begin(head, context)
        case .part(let part):
            if case .end = part { exchange?.noteReceived() }
            if exchange?.isRefused == false { context.fireChannelRead(wrapInboundOut(part)) }
            endIfDone(context)
        }
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        var head = head
        let problem = RequestRules.problem(of: head, acceptsFollowers: acceptsFollowers)
        head.headers.remove(name: FollowTarget.hiddenUpgrade)
        let isLast = problem != nil || RequestRules.isLast(head)
        let length = head.headers["content-length"].first.flatMap { Int($0) } ?? .max
        state = .exchange(
            Exchange(
                persistence: isLast ? .last : head.isHTTP10 ? .keptOpenByOption : .keptOpen,
                isSmall: !head.headers.contains(name: "transfer-encoding") && length <= NetworkLimits.body,
                isRefused: problem != nil))
        if let problem {
            refuse(head, problem, context)
        } else {
            if head.waitsForContinue { context.writeAndFlush(wrapOutboundOut(.head(.goOn)), promise: nil) }
            context.fireChannelRead(wrapInboundOut(.head(head)))
        }
    }

    // MARK: Answers

    private func refuse(_ request: HTTPRequestHead, _ problem: Problem, _ context: ChannelHandlerContext) {
        let (head, body) = localAnswers.answer(to: request, problem, from: context.channel)
        writeOut(.head(head), promise: nil, context)
        if request.method != .HEAD { writeOut(.body(.byteBuffer(body)), promise: nil, context) }
        writeOut(.end(nil), promise: nil, context)
        context.flush()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !isOver else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        writeOut(unwrapOutboundIn(data), promise: promise, context)
    }

    private func writeOut(
        _ part: HTTPServerResponsePart, promise: EventLoopPromise<Void>?, _ context: ChannelHandlerContext
    ) {
        switch part {
        case .head(var head):
            unsent.beginAnswer()
            // What is still to come of the request is not waited for, unless it is little.
            if exchange?.progress == .receiving, exchange?.isSmall == false { exchange?.persistence = .last }
            if endsWithExchange {
                let options = head.headers["connection"] + ["close"]
                head.headers.replaceOrAdd(name: "Connection", value: options.joined(separator: ", "))
            } else if exchange?.persistence == .keptOpenByOption {
                head.headers.replaceOrAdd(name: "Connection", value: "keep-alive")
            }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body: context.write(wrapOutboundOut(part), promise: promise)
        case .end:
            exchange?.noteAnswered()
            if endsWithExchange {
                endWithAnswer(part, promise, context)
            } else {
                context.write(wrapOutboundOut(part), promise: promise)
                if exchange?.progress == .answeredEarly { awaitRest(context) }
                endIfDone(context)
            }
        }
    }

    /// Closes the connection if the rest of a request that was answered early does not come soon.
    private func awaitRest(_ context: ChannelHandlerContext) {
        let start = exchange?.start
        context.eventLoop.assumeIsolated().scheduleTask(in: Limit.linger) { [weak self] in
            guard let self, let exchange, exchange.start == start, exchange.progress == .answeredEarly else { return }
            self.context?.close(promise: nil)
        }
    }

    /// Writes the end of the last answer, and closes the connection once the client has it.
    private func endWithAnswer(
        _ part: HTTPServerResponsePart, _ promise: EventLoopPromise<Void>?, _ context: ChannelHandlerContext
    ) {
        end(.lastAnswer, context)
        let sent = promise ?? context.eventLoop.makePromise()
        let channel = context.channel
        sent.futureResult.whenSuccess {
            channel.close(mode: .output, promise: nil)
            // Closed as a whole at once, what the client is still sending would make its system drop the answer.
            channel.eventLoop.scheduleTask(in: Limit.linger) { channel.close(promise: nil) }
        }
        context.writeAndFlush(wrapOutboundOut(part), promise: sent)
        context.read()
    }

    /// Goes on with what was held, once the present request was received and answered.
    private func endIfDone(_ context: ChannelHandlerContext) {
        guard exchange?.progress == .done else { return }
        state = .idle(since: .now())
        guard !held.isEmpty else { return }
        while let item = held.first, isInTurn(item) {
            held.removeFirst()
            take(item, context)
        }
        context.fireChannelReadComplete()
        if isReadHeld {
            isReadHeld = false
            context.read()
        }
    }

    /// Accepts and answers nothing more.
    private func end(_ cause: End, _ context: ChannelHandlerContext) {
        state = .over(since: .now(), cause: cause)
        let items = held
        held = []
        for case .event(let event) in items { context.fireUserInboundEventTriggered(event) }
    }
}
