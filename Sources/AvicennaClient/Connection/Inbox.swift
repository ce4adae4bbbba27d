import NIOCore
import NIOWebSocket

/// The messages of a connection that wait to be taken. While many wait, nothing more is read from the socket, so that the
/// server knows.
final class Inbox: ChannelDuplexHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundIn = Never
    typealias OutboundOut = WebSocketFrame

    /// Messages that may wait.
    private static let capacity = 64

    private let loop: any EventLoop
    private var context: ChannelHandlerContext?
    private var messages: CircularBuffer<String> = []
    private var end: SessionEnd?
    private var taker: EventLoopPromise<Session.Event>?
    /// Whether the channel asked to read while many waited.
    private var isReadHeld = false

    init(_ loop: any EventLoop) {
        self.loop = loop
    }

    // MARK: Taking

    /// The next message, or how it ended. One at a time may ask.
    func next() -> EventLoopFuture<Session.Event> {
        let promise = loop.makePromise(of: Session.Event.self)
        taker?.succeed(.ended(SessionEnd(reason: "somebody else takes the messages")))
        taker = promise
        serve()
        if isReadHeld, messages.count < Self.capacity {
            isReadHeld = false
            context?.read()
        }
        return promise.futureResult
    }

    private func serve() {
        guard let taker else { return }
        if let message = messages.popFirst() {
            self.taker = nil
            taker.succeed(.message(message))
        } else if let end {
            self.taker = nil
            taker.succeed(.ended(end))
        }
    }

    func read(context: ChannelHandlerContext) {
        if messages.count < Self.capacity { context.read() } else { isReadHeld = true }
    }

    // MARK: Coming

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        var content = frame.unmaskedData
        switch frame.opcode {
        case .text:
            messages.append(content.readString(length: content.readableBytes) ?? "")
            serve()
        case .ping: write(.pong, content, context)
        case .connectionClose:
            let code = content.readWebSocketErrorCode()
            finish(SessionEnd(code, content.readString(length: content.readableBytes) ?? ""))
            write(.connectionClose, frame.unmaskedData, context)
            context.close(promise: nil)
        default: break
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(SessionEnd(reason: "the connection was lost"))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        finish(SessionEnd(reason: SessionEnd.reason(of: error)))
        context.close(promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent, messages.count < Self.capacity {
            finish(SessionEnd(reason: "the server is silent"))
            context.close(promise: nil)
        }
        context.fireUserInboundEventTriggered(event)
    }

    private func finish(_ end: SessionEnd) {
        // The first reason is the one that counts.
        if self.end == nil { self.end = end }
        serve()
    }

    // MARK: Going

    func handlerRemoved(context: ChannelHandlerContext) {
        finish(SessionEnd(reason: "the connection was lost"))
        self.context = nil
    }

    /// Tells the server that nobody listens any more.
    func close() {
        guard let context, end == nil else { return }
        var code = context.channel.allocator.buffer(capacity: 2)
        code.write(webSocketErrorCode: .goingAway)
        finish(SessionEnd(reason: "nobody listens"))
        write(.connectionClose, code, context)
        context.close(promise: nil)
    }

    /// Frames of clients are masked.
    private func write(_ opcode: WebSocketOpcode, _ content: ByteBuffer, _ context: ChannelHandlerContext) {
        let frame = WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: content)
        context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    }
}
