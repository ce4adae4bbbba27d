public import Domain
import Foundation
import NIOCore
import NIOPosix
import Relay

/// Reads metrics of a server that runs on this machine.
public enum MetricsProbe {
    /// Asks the server of the settings how many requests came with `X-Forwarded-For` from a nearby peer that is not in
    /// `trusted_proxies`. It asks at `metrics_address` or, where that is not set, with a token that it signs.
    ///
    /// - Parameter limit: how long it may take in all.
    /// - Returns: the number since the server started; `nil` where nothing listens, does not answer in time, or is another
    ///   program, and where there is neither a `metrics_address` nor a secret for tokens.
    public static func untrustedForwardedRequests(
        _ settings: Settings, within limit: Duration = .seconds(1)
    ) async -> Int? {
        guard let target = await Target(settings) else { return nil }
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        let answer = loop.makePromise(of: String?.self)
        // The promise takes the first result: also the look-up of a name must not take longer.
        let timer = loop.scheduleTask(in: TimeAmount(limit)) { answer.succeed(nil) }
        ClientBootstrap(group: loop).connectTimeout(TimeAmount(limit))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AnswerReader(request: target.request, answer))
                }
            }
            .connect(host: target.host, port: target.port)
            .whenComplete { result in
                switch result {
                case .success(let channel): answer.futureResult.whenComplete { _ in channel.close(promise: nil) }
                case .failure: answer.succeed(nil)
                }
            }
        // It never fails.
        let text = try? await answer.futureResult.get()
        timer.cancel()
        guard let text, text.hasPrefix("HTTP/1.1 200 ") else { return nil }
        return text.split(whereSeparator: \.isNewline).lazy
            .compactMap { $0.wholeMatch(of: /avicenna_api_untrusted_forwarded_total (\d+)/) }.first
            .flatMap { Int($0.1) }
    }
}

/// Where metrics are asked for, and how.
private struct Target {
    let host: String
    let port: Int
    let request: String

    /// Seconds for which the token of the request is valid.
    private static let lifetime: TimeInterval = 60

    /// - Returns: `nil` where the settings do not say how metrics can be read.
    init?(_ settings: Settings) async {
        if let address = settings.metricsAddress, address.port > 0 {
            self.init(host: address.hostname, port: address.port, authority: "\(address)", fields: "")
        } else if settings.port > 0, settings.tokens.secretFile != nil {
            let claims = TokenClaims(
                subject: "doctor", role: .service, patient: nil, issuedAt: Date(), lifetime: Self.lifetime,
                id: UUID().uuidString.lowercased())
            // Why a secret is of no use is for those to say who need it.
            guard let token = try? await TokenKeys.sign(claims, with: settings.tokens) else { return nil }
            self.init(
                host: settings.host, port: settings.port, authority: settings.authority(port: settings.port),
                fields: "Authorization: Bearer \(token)\r\n")
        } else {
            return nil
        }
    }

    private init(host: String, port: Int, authority: String, fields: String) {
        self.host =
            switch host {
            case "0.0.0.0": "127.0.0.1"
            case "::": "::1"
            default: host
            }
        self.port = port
        request = "GET /metrics HTTP/1.1\r\nHost: \(authority)\r\nConnection: close\r\n\(fields)\r\n"
    }
}

/// Sends a request and collects everything up to the end of the connection.
private final class AnswerReader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private static let maxLength = 1 << 20

    private let request: String
    private let answer: EventLoopPromise<String?>
    private var text = ByteBuffer()

    init(request: String, _ answer: EventLoopPromise<String?>) {
        self.request = request
        self.answer = answer
    }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: request)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var part = unwrapInboundIn(data)
        text.writeBuffer(&part)
        if text.readableBytes > Self.maxLength { finish(context, nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(context, String(buffer: text))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        finish(context, nil)
    }

    private func finish(_ context: ChannelHandlerContext, _ text: String?) {
        answer.succeed(text)
        context.close(promise: nil)
    }
}
