import NIOCore
import NIOHTTP1
import Synchronization

/// Connections whose first request has not come yet. They are not waited for long, and where too many wait, the one that has
/// waited longest goes: who means it says at once what they want, and so gets in however many others only hold the door.
final class Newcomers: Sendable {
    /// How long the head of the first request may take.
    static let patience = TimeAmount.seconds(10)
    /// How many may wait.
    private static let most = 1000

    private struct Waiting {
        var channels: [Int: any Channel] = [:]
        /// The number of the next one.
        var next = 0
        /// No number below this one waits.
        var first = 0
    }

    private let waiting = Mutex(Waiting())
    private let onRefusal: @Sendable () -> Void

    /// - Parameter onRefusal: told of each that was not waited for.
    init(onRefusal: @escaping @Sendable () -> Void) {
        self.onRefusal = onRefusal
    }

    /// - Returns: the number under which it waits.
    func add(_ channel: any Channel) -> Int {
        let (number, tooLong) = waiting.withLock { waiting in
            let number = waiting.next
            waiting.next += 1
            waiting.channels[number] = channel
            guard waiting.channels.count > Self.most else { return (number, (any Channel)?.none) }
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

/// Lets a connection wait among the newcomers until the head of its first request has come.
final class NewcomerHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart

    private let newcomers: Newcomers
    private var number: Int?
    private var deadline: Scheduled<Void>?

    init(_ newcomers: Newcomers) {
        self.newcomers = newcomers
    }

    func handlerAdded(context: ChannelHandlerContext) {
        number = newcomers.add(context.channel)
        let (channel, newcomers) = (context.channel, newcomers)
        deadline = context.eventLoop.scheduleTask(in: Newcomers.patience) { newcomers.refuse(channel) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        leave()
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
        leave()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        leave()
    }

    private func leave() {
        deadline?.cancel()
        deadline = nil
        if let number { newcomers.remove(number) }
        number = nil
    }
}
