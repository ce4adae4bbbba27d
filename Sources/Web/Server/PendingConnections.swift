import NIOCore
import NIOHTTP1
import Synchronization

/// Connections whose first request has not come yet. Protects from connections that are opened and left idle (slow loris):
/// each is closed after a timeout, and beyond a maximum the oldest is closed, so that clients that send a request at once are
/// served whatever others do.
final class PendingConnections: Sendable {
    /// How long the head of the first request may take.
    static let timeout = TimeAmount.seconds(10)
    private static let maxCount = 1000

    private struct Waiting {
        var channels: [Int: any Channel] = [:]
        /// The number of the next one.
        var next = 0
        /// No number below this one waits.
        var first = 0
    }

    private let waiting = Mutex(Waiting())
    private let onRefusal: @Sendable () -> Void

    /// - Parameter onRefusal: called for each connection that is closed.
    init(onRefusal: @escaping @Sendable () -> Void) {
        self.onRefusal = onRefusal
    }

    /// - Returns: the number under which it waits.
    func add(_ channel: any Channel) -> Int {
        let (number, tooLong) = waiting.withLock { waiting in
            let number = waiting.next
            waiting.next += 1
            waiting.channels[number] = channel
            guard waiting.channels.count > Self.maxCount else { return (number, (any Channel)?.none) }
            while waiting.channels[waiting.first] == nil { waiting.first += 1 }
            return (number, waiting.channels.removeValue(forKey: waiting.first))
        }
        if let tooLong { refuse(tooLong) }
        return number
    }

    /// It has said what it wants, or is gone.
    func remove(_ number: Int) {
        waiting.withLock { _ = $0.channels.removeValue(forKey: number) }
    }

    func refuse(_ channel: any Channel) {
        onRefusal()
        channel.close(promise: nil)
    }
}

/// Keeps a connection among the pending ones until the head of its first request has come.
final class PendingConnectionHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart

    private let connections: PendingConnections
    private var number: Int?
    private var deadline: Scheduled<Void>?

    init(_ connections: PendingConnections) {
        self.connections = connections
    }

    func handlerAdded(context: ChannelHandlerContext) {
        number = connections.add(context.channel)
        let (channel, connections) = (context.channel, connections)
        deadline = context.eventLoop.scheduleTask(in: PendingConnections.timeout) { connections.refuse(channel) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        release()
        context.fireChannelRead(data)
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    /// What is no HTTP was answered before this hears of it.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // Who has asked for nothing is not waited for when the server ends.
        if event is ChannelShouldQuiesceEvent { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        release()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        release()
    }

    private func release() {
        deadline?.cancel()
        deadline = nil
        if let number { connections.remove(number) }
        number = nil
    }
}
