import NIOCore
import NIOHTTP1

/// Answers what the decoder does not accept as HTTP, after the requests that came before it. It belongs after
/// `UpgradeFilter`.
final class ParserErrorHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let localAnswers: LocalAnswers
    /// Requests that are not answered yet.
    private var pending = 0
    /// Whether a request has begun and is not read as a whole yet.
    private var isReading = false
    /// Whether the connection is being upgraded, so that what follows is not HTTP.
    private var isUpgrading = false
    /// What is to be answered once no request is pending.
    private var deferred: HTTPParserError?

    init(_ localAnswers: LocalAnswers) {
        self.localAnswers = localAnswers
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isUpgrading else { return context.fireChannelRead(data) }
        switch unwrapInboundIn(data) {
        case .head(let head):
            pending += 1
            isReading = true
            isUpgrading = head.headers.contains(name: "upgrade")
        case .body: break
        case .end: isReading = false
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .end = unwrapOutboundIn(data) else { return context.write(data, promise: promise) }
        pending -= 1
        context.write(data, promise: promise)
        if let deferred, pending == 0 { answer(deferred, context) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The decoder reads nothing more after an error.
        switch error {
        case HTTPParserError.closedConnection where !isReading:
            // What follows a last request is ignored.
            return
        case let error as HTTPParserError where !isReading && pending > 0:
            deferred = error
            return
        case let error as HTTPParserError where pending == 0: answer(error, context)
        default: break
        }
        context.fireErrorCaught(error)
    }

    private func answer(_ error: HTTPParserError, _ context: ChannelHandlerContext) {
        deferred = nil
        var (head, body) = localAnswers.answer(RequestRules.problem(of: error), from: context.channel)
        head.headers.add(name: "Connection", value: "close")
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        let sent = context.eventLoop.makePromise(of: Void.self)
        let channel = context.channel
        sent.futureResult.whenComplete { _ in channel.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: sent)
    }
}
