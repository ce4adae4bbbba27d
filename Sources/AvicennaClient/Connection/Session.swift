import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket

/// One connection, from its handshake to its end.
struct Session: Sendable {
    /// What comes of it next.
    enum Event: Sendable {
        case message(String)
        case ended(SessionEnd)
    }

    private enum Upgrade: Sendable {
        case done(Session)
        case refused(EventLoopFuture<HTTPResponseStatus>)
    }

    /// The largest message that is read, in bytes.
    private static let largestMessage = 16 << 20

    private let channel: any Channel
    private let inbox: NIOLoopBound<Inbox>

    /// Connects, and shakes hands.
    ///
    /// - Throws: `LiveError` where trying again would not help; anything else where it may.
    static func connect(to live: LiveDiagnosis, token: String, since: LivePosition?) async throws -> Session {
        let address = try ServerAddress(live, since: since)
        let options = live.options
        let patience = TimeAmount(options.patience)
        let upgrade = try await ClientBootstrap(group: options.eventLoopGroup).connectTimeout(patience)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .connect(host: address.host, port: address.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls = address.tls {
                        try channel.pipeline.syncOperations.addHandlers([
                            NIOSSLClientHandler(context: tls, serverHostname: address.serverName),
                            TLSErrorHandler(host: address.host),
                        ])
                    }
                    return try configure(channel, address, token: token, silence: TimeAmount(options.silence))
                }
            }
        // A server that takes the connection and says nothing is none.
        let tooLate = upgrade.channel.eventLoop.scheduleTask(in: patience) { upgrade.channel.close(promise: nil) }
        defer { tooLate.cancel() }
        let start = ContinuousClock.now
        do {
            switch try await upgrade.result.get() {
            case .done(let session): return session
            case .refused(let status): throw try await SessionEnd.refusal(status.get())
            }
        } catch is ChannelError where ContinuousClock.now - start >= options.patience {
            throw ChannelError.connectTimeout(patience)
        } catch ChannelError.inappropriateOperationForState {
            // The connection was closed before any answer came.
            throw SessionEnd.noAnswer(isSecure: address.tls != nil)
        }
    }

    private static func configure(
        _ channel: any Channel, _ address: ServerAddress, token: String, silence: TimeAmount
    ) throws -> (channel: any Channel, result: EventLoopFuture<Upgrade>) {
        let upgrader = NIOTypedWebSocketClientUpgrader<Upgrade>(
            maxFrameSize: largestMessage,
            upgradePipelineHandler: { channel, _ in
                channel.eventLoop.makeCompletedFuture {
                    let inbox = Inbox(channel.eventLoop)
                    try channel.pipeline.syncOperations.addHandlers([
                        NIOWebSocketFrameAggregator(
                            minNonFinalFragmentSize: 1, maxAccumulatedFrameCount: 1 << 16,
                            maxAccumulatedFrameSize: largestMessage),
                        IdleStateHandler(readTimeout: silence), inbox,
                    ])
                    return .done(
                        Session(channel: channel, inbox: NIOLoopBound(inbox, eventLoop: channel.eventLoop)))
                }
            })
        let head = HTTPRequestHead(
            version: .http1_1, method: .GET, uri: address.uri,
            headers: ["Host": address.authority, "Authorization": "Bearer \(token)"])
        var configuration = NIOUpgradableHTTPClientPipelineConfiguration(
            upgradeConfiguration: .init(
                upgradeRequestHead: head, upgraders: [upgrader],
                notUpgradingCompletionHandler: { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let refusal = RefusalReader(channel.eventLoop.makePromise())
                        try channel.pipeline.syncOperations.addHandler(refusal)
                        return .refused(refusal.status.futureResult)
                    }
                }))
        // The first messages may come together with the answer to the handshake.
        configuration.leftOverBytesStrategy = .forwardBytes
        let result = try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(
            configuration: configuration)
        return (channel, result)
    }

    /// The next message, or how it ended.
    ///
    /// - Throws: `CancellationError`.
    func next() async throws -> Event {
        let event = await withTaskCancellationHandler {
            // It never fails.
            (try? await channel.eventLoop.flatSubmit { inbox.value.next() }.get())
                ?? .ended(SessionEnd(reason: "the connection was lost"))
        } onCancel: {
            channel.close(promise: nil)
        }
        try Task.checkCancellation()
        return event
    }

    /// Says goodbye, as far as that is possible at once.
    func close() {
        channel.eventLoop.execute { inbox.value.close() }
    }
}

/// Reads the status of an answer that is no upgrade.
private final class RefusalReader: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    let status: EventLoopPromise<HTTPResponseStatus>

    init(_ status: EventLoopPromise<HTTPResponseStatus>) {
        self.status = status
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(let head) = unwrapInboundIn(data) else { return }
        status.succeed(head.status)
        context.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        status.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        // Where the status was read this says nothing.
        status.fail(ChannelError.eof)
    }
}
