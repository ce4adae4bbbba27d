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

    /// A request and its answer.
    private struct Exchange {
        let start = NIODeadline.now()
        /// Whether the connection ends with it.
        var isLast: Bool
        /// Whether its body is so small that the rest of it is awaited even after an early answer.
        var isSmall = false
        /// Whether it is answered here, so that nothing of it is passed on.
        var isRefused = false
        var isKeptAliveByOption = false
        var isRead = false
        var isAnswered = false
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
        /// Without a byte of the answer being taken.
        static let stall = TimeAmount.seconds(NetworkLimits.stallSeconds)
        /// Until an answer is taken as a whole.
        static let answer = TimeAmount.seconds(NetworkLimits.answerSeconds)
        /// How often these times are checked.
        static let check = TimeAmount.seconds(5)
        /// How long a client may go on sending after the last answer, so that its system does not drop that answer.
        static let linger = TimeAmount.seconds(2)
    }

    private let localAnswers: LocalAnswers
    private let acceptsFollowers: Bool
    private var context: ChannelHandlerContext?
    /// The request at hand.
    private var exchange: Exchange?
    /// What came before the request at hand was answered.
    private var held: [Item] = []
    private var isReadHeld = false
    /// Whether nothing more is accepted and answered.
    private var isOver = false
    /// Whether the server is shutting down.
    private var isEnding = false
    private var lastActive = NIODeadline.now()
    private var check: Scheduled<Void>?
    /// Bytes of answers that the client has not taken, and since when there were any and since when so many.
    private var unsent = (bytes: 0, start: NIODeadline.now(), progress: NIODeadline.now())

    /// - Parameter acceptsFollowers: whether the relay takes connections of the same port.
    init(_ localAnswers: LocalAnswers, acceptsFollowers: Bool) {
        self.localAnswers = localAnswers
        self.acceptsFollowers = acceptsFollowers
    }

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
        let isLate: Bool
        if let exchange, !exchange.isRead {
            isLate = now - exchange.start >= Limit.request
        } else {
            isLate = exchange == nil && now - lastActive >= Limit.idle
        }
        if isLate && unsent.bytes == 0 || isStalled(context, now) { context.close(promise: nil) }
    }

    /// Whether the client does not take what is answered.
    private func isStalled(_ context: ChannelHandlerContext, _ now: NIODeadline) -> Bool {
        // The number is told by all channels that have a socket.
        let bytes = (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        defer { unsent.bytes = bytes }
        if bytes == 0 || unsent.bytes == 0 {
            unsent.start = now
            unsent.progress = now
        } else if bytes != unsent.bytes {
            unsent.progress = now
        }
        return bytes > 0 && (now - unsent.progress >= Limit.stall || now - unsent.start >= Limit.answer)
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver else { return }
        lastActive = .now()
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
            if exchange == nil { context.close(promise: nil) } else { isEnding = true }
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if error is HTTPParserError, let exchange, !exchange.isRead, !exchange.isAnswered {
            // The rest of the request is not HTTP: the router, which reads its body, answers that it is incomplete.
            self.exchange?.isLast = true
        } else {
            end(context)
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
        if case .part(.head) = item { exchange == nil } else { true }
    }

    private func take(_ item: Item, _ context: ChannelHandlerContext) {
        switch item {
        case .event(let event): context.fireUserInboundEventTriggered(event)
        case .part(.head(let head)): begin(head, context)
        case .part(let part):
            if case .end = part { exchange?.isRead = true }
            if exchange?.isRefused == false { context.fireChannelRead(wrapInboundOut(part)) }
            endIfDone(context)
        }
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        var head = head
        let problem = RequestRules.problem(of: head, acceptsFollowers: acceptsFollowers)
        head.headers.remove(name: FollowTarget.hiddenUpgrade)
        var exchange = Exchange(isLast: problem != nil || RequestRules.isLast(head), isRefused: problem != nil)
        exchange.isKeptAliveByOption = head.isHTTP10
        let length = head.headers["content-length"].first.flatMap { Int($0) } ?? .max
        exchange.isSmall = !head.headers.contains(name: "transfer-encoding") && length <= NetworkLimits.body
        self.exchange = exchange
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
            unsent.start = .now()
            // What is still to come of the request is not waited for, unless it is little.
            if let exchange, !exchange.isRead, !exchange.isSmall { self.exchange?.isLast = true }
            if exchange?.isLast == true || isEnding {
                let options = head.headers["connection"] + ["close"]
                head.headers.replaceOrAdd(name: "Connection", value: options.joined(separator: ", "))
            } else if exchange?.isKeptAliveByOption == true {
                head.headers.replaceOrAdd(name: "Connection", value: "keep-alive")
            }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body: context.write(wrapOutboundOut(part), promise: promise)
        case .end:
            lastActive = .now()
            exchange?.isAnswered = true
            if exchange?.isLast == true || isEnding {
                endWithAnswer(part, promise, context)
            } else {
                context.write(wrapOutboundOut(part), promise: promise)
                if exchange?.isRead == false { awaitRest(context) }
                endIfDone(context)
            }
        }
    }

    /// Closes the connection if the rest of a request that was answered early does not come soon.
    private func awaitRest(_ context: ChannelHandlerContext) {
        let start = exchange?.start
        context.eventLoop.assumeIsolated().scheduleTask(in: Limit.linger) { [weak self] in
            guard let self, let exchange, exchange.start == start, !exchange.isRead else { return }
            self.context?.close(promise: nil)
        }
    }

    /// Writes the end of the last answer, and closes the connection once the client has it.
    private func endWithAnswer(
        _ part: HTTPServerResponsePart, _ promise: EventLoopPromise<Void>?, _ context: ChannelHandlerContext
    ) {
        end(context)
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

    /// Goes on with what was held, once the request at hand was read and answered.
    private func endIfDone(_ context: ChannelHandlerContext) {
        guard let done = exchange, done.isRead, done.isAnswered, !isOver else { return }
        exchange = nil
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
    private func end(_ context: ChannelHandlerContext) {
        isOver = true
        let items = held
        held = []
        for case .event(let event) in items { context.fireUserInboundEventTriggered(event) }
    }
}
