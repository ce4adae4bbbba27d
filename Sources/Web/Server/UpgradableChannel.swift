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
/// its event loop from then on; all others go to the router.
struct UpgradableChannel: ServerChildChannel, HTTPChannelHandler {
    let responder: HTTPChannelHandler.Responder
    let relay: Relay
    private let proxies: TrustedProxies
    /// Those whose first request has not come yet.
    private let newcomers: Newcomers
    private let connections: HTTPConnections

    init(
        responder: @escaping HTTPChannelHandler.Responder, relay: Relay, proxies: TrustedProxies,
        connections: HTTPConnections
    ) {
        self.connections = connections
        self.responder = responder
        self.relay = relay
        self.proxies = proxies
        newcomers = Newcomers { relay.refuse("newcomer") }
    }

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
            let upgrade = NIOTypedHTTPServerUpgradeConfiguration<Outcome>(
                upgraders: [FollowUpgrader(relay: relay, proxies: proxies, readSize: Self.readSize)]
            ) { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard hasRoom(for: channel) else {
                        channel.close(promise: nil)
                        return .refused
                    }
                    try channel.pipeline.syncOperations.addHandlers([
                        HTTPExchangeHandler(
                            Broadcasts(relay: relay), serverName: Server.name, on: channel.eventLoop),
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
            configuration.enableErrorHandling = true
            // Room for a token, twice.
            configuration.decoderConfiguration.maxHeaderFieldSize = 16 << 10
            configuration.decoderConfiguration.maxHeaderListSize = 32 << 10
            configuration.decoderConfiguration.maxHeaderFieldCount = 100
            let outcome = try channel.pipeline.syncOperations.configureUpgradableHTTPServerPipeline(
                configuration: configuration)
            let upgrader = try channel.pipeline.syncOperations.handler(
                type: NIOTypedHTTPServerUpgradeHandler<Outcome>.self)
            try channel.pipeline.syncOperations.addHandler(UpgradeFilter(), position: .before(upgrader))
            try channel.pipeline.syncOperations.addHandler(
                NewcomerHandler(newcomers), position: .before(upgrader))
            return Value(outcome: outcome, channel: channel)
        }
    }

    /// Counts a connection for requests, as long as it lasts.
    private func hasRoom(for channel: any Channel) -> Bool {
        let address = channel.remoteAddress?.ipAddress ?? ""
        // What comes by a proxy is of many, and for the proxy to count.
        guard !proxies.addresses.contains(address) else { return true }
        guard connections.enter(address) else {
            relay.refuse("address")
            return false
        }
        channel.closeFuture.whenComplete { _ in connections.leave(address) }
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

/// Lets requests to upgrade pass only where they will be upgraded; from others it takes the wish, so that the router answers
/// them. (The handler after it loses the head of a request whose upgrade is refused.)
private final class UpgradeFilter: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart

    /// What the request to upgrade that has passed says; what follows it may be no HTTP.
    private(set) var target: FollowTarget?

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard target == nil, case .head(var head) = unwrapInboundIn(data), head.headers.contains(name: "upgrade") else {
            context.fireChannelRead(data)
            return
        }
        target = Self.isHandshake(head) ? FollowTarget(head) : nil
        if target == nil { head.headers.remove(name: "upgrade") }
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }

    private static func isHandshake(_ head: HTTPRequestHead) -> Bool {
        let headers = head.headers
        let key = headers["sec-websocket-key"]
        return headers[canonicalForm: "upgrade"].contains { $0.lowercased() == "websocket" }
            && headers[canonicalForm: "connection"].contains { $0.lowercased() == "upgrade" }
            && headers["sec-websocket-version"] == ["13"]
            && key.count == 1 && Data(base64Encoded: key[0])?.count == 16
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
            let peer = channel.remoteAddress?.ipAddress ?? ""
            let address = proxies.client(forwardedFor: target.forwardedFor, from: peer)
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
        guard let target = filter.target else { throw NIOWebSocketUpgradeError.unsupportedWebSocketTarget }
        return target
    }
}

/// What a request to follow a diagnosis says.
struct FollowTarget: Sendable {
    private let diagnosis: DiagnosisID
    private let token: String
    private let since: Int64?
    /// By which addresses it came, as proxies say.
    let forwardedFor: [String]

    /// The subprotocol that carries a token beside it, for browsers, which cannot send headers.
    private static let bearerProtocol = "bearer"

    /// `nil` where it asks for something else.
    init?(_ head: HTTPRequestHead) {
        let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = parts[0].split(separator: "/", omittingEmptySubsequences: false)
        guard head.method == .GET, path.count == 3, path[0].isEmpty, path[1] == "ws",
            let number = Int64(path[2]), number > 0
        else { return nil }
        diagnosis = DiagnosisID(rawValue: number)
        var query: [Substring: String] = [:]
        for pair in parts.dropFirst().first?.split(separator: "&") ?? [] {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { continue }
            query[parts[0]] = String(parts[1]).removingPercentEncoding
        }
        if let text = query["since"] {
            guard let number = Int64(text), number >= 0 else { return nil }
            since = number
        } else {
            since = nil
        }
        forwardedFor = head.headers["x-forwarded-for"]
        let protocols = head.headers[canonicalForm: "sec-websocket-protocol"]
        token =
            if protocols.first == Self.bearerProtocol[...], protocols.count > 1 {
                String(protocols[1])
            } else {
                BearerToken.read(head.headers["authorization"].first) ?? query["token"] ?? ""
            }
    }

    /// Further header lines of the answer: a client that offers subprotocols wants to hear which one is spoken.
    static func headers(for head: HTTPRequestHead) -> HTTPHeaders {
        head.headers[canonicalForm: "sec-websocket-protocol"].first == bearerProtocol[...]
            ? ["Sec-WebSocket-Protocol": bearerProtocol] : [:]
    }

    func request(from address: String) -> FollowRequest {
        FollowRequest(diagnosis: diagnosis, token: token, since: since, address: address)
    }
}
