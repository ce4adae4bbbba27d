import Domain
import Foundation
import NIOCore
import NIOHTTP1
import Relay

/// Has the requests of a connection answered one after the other: broadcasts here, on the event loop, and all others by the router.
/// Relays live on broadcasts, and the way through the router costs as much as telling twenty followers.
///
/// A client that takes too long for a request, or to ask again, is not waited for; one whose request came whole is answered
/// before the connection ends.
final class HTTPExchangeHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// A request and its answer.
    private struct Exchange {
        /// `nil` where it is for the router.
        var broadcast: Incoming?
        var isRead = false
        var isAnswered = false
    }

    /// A broadcast, as far as it has come.
    private struct Incoming {
        let kind: Delta.Kind
        let authorization: String?
        /// Whether the connection ends with it.
        let isLast: Bool
        /// `nil` where it is too large.
        var body: ByteBuffer? = ByteBuffer()

        init(_ kind: Delta.Kind, _ headers: HTTPHeaders) {
            self.kind = kind
            authorization = headers["authorization"].first
            isLast = headers["connection"].first?.lowercased() == "close"
        }
    }

    /// What comes of a connection.
    private enum Item {
        case part(HTTPServerRequestPart)
        case event(ChannelEvent)
    }

    /// No more is read while so much is held.
    private static let mostHeld = 16
    /// How long a client is waited for.
    private static let patience = TimeAmount.seconds(30)

    private let broadcasts: Broadcasts
    private let serverName: String
    private let executor: EventLoopExecutor
    private var context: ChannelHandlerContext?
    /// The request at hand.
    private var exchange: Exchange?
    /// What came before the answer to what was before it.
    private var held: [Item] = []
    private var isReadHeld = false
    /// Whether nothing more is taken and answered.
    private var isOver = false
    /// Whether the server ends.
    private var isEnding = false
    private var lastActive = NIODeadline.now()
    private var look: Scheduled<Void>?

    /// - Parameters:
    ///   - serverName: as answers tell it.
    ///   - loop: that of the connection.
    init(_ broadcasts: Broadcasts, serverName: String, on loop: any EventLoop) {
        self.broadcasts = broadcasts
        self.serverName = serverName
        executor = EventLoopExecutor(loop)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        lookAgain(context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        look?.cancel()
        self.context = nil
    }

    // MARK: Patience

    private func lookAgain(_ context: ChannelHandlerContext) {
        look = context.eventLoop.assumeIsolated().scheduleTask(deadline: lastActive + Self.patience) { [weak self] in
            guard let self else { return }
            let isWaiting = exchange?.isRead != true
            if isWaiting, .now() - lastActive >= Self.patience {
                context.close(promise: nil)
            } else {
                if !isWaiting { lastActive = .now() }
                lookAgain(context)
            }
        }
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver else { return }
        lastActive = .now()
        takeInTurn(.part(unwrapInboundIn(data)), context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case let event as ChannelEvent where !isOver: takeInTurn(.event(event), context)
        case is ChannelShouldQuiesceEvent:
            if exchange == nil { context.close(promise: nil) } else { isEnding = true }
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // What is no HTTP was answered by the handlers before, and the channel closes.
        end(context)
        context.fireErrorCaught(error)
    }

    func read(context: ChannelHandlerContext) {
        if held.count < Self.mostHeld { context.read() } else { isReadHeld = true }
    }

    private func takeInTurn(_ item: Item, _ context: ChannelHandlerContext) {
        if held.isEmpty, isInTurn(item) { take(item, context) } else { held.append(item) }
    }

    private func isInTurn(_ item: Item) -> Bool {
        switch item {
        case .part(.head): exchange == nil
        case .part: true
        // Who says nothing more is answered first.
        case .event: exchange?.broadcast == nil || exchange?.isRead == false
        }
    }

    private func take(_ item: Item, _ context: ChannelHandlerContext) {
        switch item {
        case .event(let event): context.fireUserInboundEventTriggered(event)
        case .part(let part):
            if case .head(let head) = part {
                exchange = Exchange(broadcast: Broadcasts.kind(of: head).map { Incoming($0, head.headers) })
                if head.waitsToGoOn { context.writeAndFlush(wrapOutboundOut(.head(.goOn)), promise: nil) }
            }
            if case .end = part { exchange?.isRead = true }
            if exchange?.broadcast == nil {
                context.fireChannelRead(wrapInboundOut(part))
            } else {
                readOn(part)
            }
            endIfDone(context)
        }
    }

    private func readOn(_ part: HTTPServerRequestPart) {
        guard var body = exchange?.broadcast?.body else { return }
        switch part {
        case .head: break
        case .body(let bytes):
            exchange?.broadcast?.body = nil  // so that it is written to in its place
            if body.readableBytes + bytes.readableBytes <= Broadcasts.largestBody {
                body.writeImmutableBuffer(bytes)
                exchange?.broadcast?.body = body
            } else {
                // Its rest is read and passed over.
                answer()
            }
        case .end: answer()
        }
    }

    // MARK: Answers

    private func answer() {
        guard let context, let incoming = exchange?.broadcast else { return }
        let (bound, broadcasts) = (NIOLoopBound(self, eventLoop: context.eventLoop), broadcasts)
        Task(executorPreference: executor) {
            let answer = await broadcasts.answer(
                incoming.kind, authorization: incoming.authorization, body: incoming.body)
            bound.value.write(answer)
        }
    }

    private func write(_ answer: WholeAnswer) {
        guard let context, !isOver else { return }
        var headers = HTTPHeaders()
        for field in answer.headers { headers.add(name: field.name.rawName, value: field.value) }
        headers.add(name: "Content-Length", value: "\(answer.body.readableBytes)")
        headers.add(name: "Date", value: HTTPDate.now)
        headers.add(name: "Server", value: serverName)
        let status = HTTPResponseStatus(statusCode: answer.status.code, reasonPhrase: answer.status.reasonPhrase)
        context.write(
            wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))),
            promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(answer.body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        if exchange?.broadcast?.isLast == true { context.close(mode: .output, promise: nil) }
        isAnswered(context)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !isOver else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        guard case .end = unwrapOutboundIn(data) else {
            context.write(data, promise: promise)
            return
        }
        if isEnding { context.writeAndFlush(data, promise: promise) } else { context.write(data, promise: promise) }
        isAnswered(context)
    }

    private func isAnswered(_ context: ChannelHandlerContext) {
        lastActive = .now()
        exchange?.isAnswered = true
        endIfDone(context)
    }

    /// Goes on with what was held, once the request at hand was read and answered.
    private func endIfDone(_ context: ChannelHandlerContext) {
        guard let done = exchange, done.isRead, done.isAnswered else { return }
        exchange = nil
        if isEnding {
            end(context)
            context.close(promise: nil)
        }
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

    /// Takes and answers nothing more.
    private func end(_ context: ChannelHandlerContext) {
        isOver = true
        let items = held
        held = []
        for case .event(let event) in items { context.fireUserInboundEventTriggered(event) }
    }
}

extension HTTPRequestHead {
    /// Whether its body comes only once it is told to go on.
    fileprivate var waitsToGoOn: Bool {
        version != .http1_0 && headers[canonicalForm: "expect"].contains { $0.lowercased() == "100-continue" }
    }
}

extension HTTPResponseHead {
    /// Tells a client to send the body of its request.
    fileprivate static var goOn: HTTPResponseHead { HTTPResponseHead(version: .http1_1, status: .continue) }
}
