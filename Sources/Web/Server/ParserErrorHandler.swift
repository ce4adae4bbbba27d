import NIOCore
import NIOHTTP1

/// Answers what the decoder does not accept as HTTP, unless an answer is under way. It belongs after `UpgradeFilter`.
final class ParserErrorHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let localAnswers: LocalAnswers
    /// Requests that are not answered yet.
    private var pending = 0
    /// Whether the connection is being upgraded, so that what follows is not HTTP.
    private var isUpgrading = false

    init(_ localAnswers: LocalAnswers) {
        self.localAnswers = localAnswers
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if !isUpgrading, case .head(let head) = unwrapInboundIn(data) {
            pending += 1
            isUpgrading = head.headers.contains(name: "upgrade")
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { pending -= 1 }
        context.write(data, promise: promise)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The decoder reads nothing more after an error.
        if let error = error as? HTTPParserError, pending <= 0 {
            var (head, body) = localAnswers.answer(RequestRules.problem(of: error), from: context.channel)
            head.headers.add(name: "Connection", value: "close")
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            pending = 0
        }
        context.fireErrorCaught(error)
    }
}
