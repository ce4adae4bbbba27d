import Domain
import Foundation
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOPosix
import NIOWebSocket
import Relay

/// Serves HTTP and WebSocket on one port: a request to follow a diagnosis is upgraded and handed to the relay, and lives on
/// its event loop from then on; all others go to the router. Without followers all requests go to the router.
struct UpgradableChannel: ServerChildChannel, HTTPChannelHandler {
    let responder: HTTPChannelHandler.Responder
    let relay: Relay
    private let proxies: TrustedProxies
    private let localAnswers: LocalAnswers
    /// Those whose first request has not come yet.
    private let pending: PendingConnections
    private let connections: HTTPConnections
    private let acceptsFollowers: Bool

    /// - Parameters:
    ///   - responder: answers requests.
    ///   - relay: takes followers, and counts connections that are refused.
    ///   - connections: those of the port.
    ///   - acceptsFollowers: whether requests are upgraded at all.
    init(
        responder: @escaping HTTPChannelHandler.Responder, relay: Relay, proxies: TrustedProxies,
        connections: HTTPConnections, localAnswers: LocalAnswers, acceptsFollowers: Bool
    ) {
        self.acceptsFollowers = acceptsFollowers
        self.localAnswers = localAnswers
        self.connections = connections
        self.responder = responder
        self.relay = relay
        self.proxies = proxies
        pending = PendingConnections { relay.refuse("newcomer") }
    }

    /// Bytes that the system holds for a client to take; on Linux twice as many, with what it notes about them.
    private static let sendBuffer: SocketOptionValue = 128 << 10
    /// Bytes that are read at a time from a client of the relay, which says little.
    private static let readSize = 512

    enum Outcome: Sendable {
        case http(NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>)
        case upgraded
        case refused
    }

    struct Value: ServerChildChannelValue {
        let outcome: EventLoopFuture<Outcome>
        let channel: any Channel
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            // Else the system holds megabytes for each client that does not read.
            try channel.syncOptions?.setOption(.socketOption(.so_sndbuf), value: Self.sendBuffer)
            let upgrade = NIOTypedHTTPServerUpgradeConfiguration<Outcome>(
                upgraders: acceptsFollowers
                    ? [FollowUpgrader(relay: relay, proxies: proxies, readSize: Self.readSize)] : []
            ) { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard hasRoom(for: channel) else {
                        channel.close(promise: nil)
                        return .refused
                    }
                    try channel.pipeline.syncOperations.addHandlers([
                        HTTPExchangeHandler(localAnswers, acceptsFollowers: acceptsFollowers),
                        HTTP1ToHTTPServerCodec(secure: false),
                    ])
                    return .http(
                        try NIOAsyncChannel(
                            wrappingChannelSynchronously: channel,
                            configuration: .init(isOutboundHalfClosureEnabled: true)))
                }
            }
            var configuration = NIOUpgradableHTTPServerPipelineConfiguration(upgradeConfiguration: upgrade)
            configuration.enablePipelining = false
            configuration.enableErrorHandling = false
            configuration.decoderConfiguration = RequestRules.decoderLimits
            let outcome = try channel.pipeline.syncOperations.configureUpgradableHTTPServerPipeline(
                configuration: configuration)
            let upgrader = try channel.pipeline.syncOperations.handler(
                type: NIOTypedHTTPServerUpgradeHandler<Outcome>.self)
            try channel.pipeline.syncOperations.addHandlers(
                [
                    UpgradeFilter(acceptsFollowers: acceptsFollowers), ParserErrorHandler(localAnswers),
                    PendingConnectionHandler(pending),
                ],
                position: .before(upgrader))
            return Value(outcome: outcome, channel: channel)
        }
    }

    /// Counts a connection for requests, as long as it lasts.
    private func hasRoom(for channel: any Channel) -> Bool {
        let address = channel.peer
        // What comes by a proxy is of many, and for the proxy to count.
        guard !proxies.contains(address) else { return true }
        guard connections.acquire(address) else {
            relay.refuse("address")
            return false
        }
        channel.closeFuture.whenComplete { _ in connections.release(address) }
        return true
    }

    func handle(value: Value, logger: Logger) async {
        await withTaskExecutorPreference(EventLoopExecutor(value.channel.eventLoop)) {
            // A connection that fails before it is known what it wants has nothing to be answered.
            guard case .http(let channel)? = try? await value.outcome.get() else { return }
            await handleHTTP(asyncChannel: channel, logger: logger)
        }
    }
}

/// Lets requests to upgrade pass only if they will be upgraded; from others it hides the header, so that they are answered
/// like all requests. (The handler after it loses the head of a request whose upgrade is refused.)
private final class UpgradeFilter: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart

    /// The request to upgrade that has passed; what follows it need not be HTTP.
    private(set) var target: FollowTarget?
    private let acceptsFollowers: Bool

    init(acceptsFollowers: Bool) {
        self.acceptsFollowers = acceptsFollowers
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard target == nil, case .head(var head) = unwrapInboundIn(data), head.headers.contains(name: "upgrade") else {
            context.fireChannelRead(data)
            return
        }
        // Why it is refused is found again where it is answered.
        if acceptsFollowers, RequestRules.problem(of: head, acceptsFollowers: true) == nil {
            target = try? FollowTarget(head)
        }
        if target == nil {
            for value in head.headers["upgrade"] { head.headers.add(name: FollowTarget.hiddenUpgrade, value: value) }
            head.headers.remove(name: "upgrade")
        }
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }
}

/// Turns `GET /ws/{diagnosis_id}` into a connection of the relay.
private struct FollowUpgrader: NIOTypedHTTPServerProtocolUpgrader {
    typealias UpgradeResult = UpgradableChannel.Outcome

    let relay: Relay
    let proxies: TrustedProxies
    let readSize: Int
    /// Does the handshake as the standard has it.
    private let handshake = NIOTypedWebSocketServerUpgrader<UpgradeResult>(
        shouldUpgrade: { channel, head in
            // The filter lets nothing else come this far.
            channel.eventLoop.makeSucceededFuture(FollowTarget.headers(for: head))
        },
        upgradePipelineHandler: { channel, _ in channel.eventLoop.makeSucceededFuture(.upgraded) })

    init(relay: Relay, proxies: TrustedProxies, readSize: Int) {
        self.relay = relay
        self.proxies = proxies
        self.readSize = readSize
    }

    let supportedProtocol = "websocket"
    let requiredUpgradeHeaders: [String] = []

    func buildUpgradeResponse(
        channel: any Channel, upgradeRequest: HTTPRequestHead, initialResponseHeaders: HTTPHeaders
    ) -> EventLoopFuture<HTTPHeaders> {
        handshake.buildUpgradeResponse(
            channel: channel, upgradeRequest: upgradeRequest, initialResponseHeaders: initialResponseHeaders)
    }

    func upgrade(channel: any Channel, upgradeRequest: HTTPRequestHead) -> EventLoopFuture<UpgradeResult> {
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.takeTarget() }.flatMap { target in
            channel.setOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: readSize)).map {
                target
            }
        }.flatMapThrowing { target in
            proxies.noteUntrusted(forwardedFor: target.forwardedFor, from: channel.peer)
            let address = proxies.client(forwardedFor: target.forwardedFor, from: channel.peer)
            try relay.follow(target.request(from: address), on: channel)
            return .upgraded
        }
    }
}

extension ChannelPipeline {
    /// Removes the filter, which has read what the request says.
    fileprivate func takeTarget() throws -> FollowTarget {
        let filter = try syncOperations.handler(type: UpgradeFilter.self)
        syncOperations.removeHandler(filter, promise: nil)
        syncOperations.removeHandler(try syncOperations.handler(type: ParserErrorHandler.self), promise: nil)
        guard let target = filter.target else { throw NIOWebSocketUpgradeError.unsupportedWebSocketTarget }
        return target
    }
}
