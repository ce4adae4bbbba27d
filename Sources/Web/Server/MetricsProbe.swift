public import Configuration
import NIOCore
import NIOPosix

/// Reads metrics of a server that runs on this machine.
public enum MetricsProbe {
    /// Asks the server of the settings, at `metrics_address`, how many requests came with `X-Forwarded-For` from a nearby
    /// peer that is not in `trusted_proxies`. No token is sent: another program may listen there.
    ///
    /// - Parameter limit: how long it may take in all.
    /// - Returns: the number since the server started; `nil` where nothing listens, does not answer in time, or is another
    ///   program, and where there is no `metrics_address`.
    public static func untrustedForwardedRequests(
        _ settings: Settings, within limit: Duration = .seconds(1)
    ) async -> Int? {
        guard let address = settings.metricsAddress, address.port > 0 else { return nil }
        let host =
            switch address.hostname {
            case "0.0.0.0": "127.0.0.1"
            case "::": "::1"
            default: address.hostname
            }
        let request = "GET /metrics HTTP/1.1\r\nHost: \(address)\r\nConnection: close\r\n\r\n"
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        let answer = loop.makePromise(of: String?.self)
        // The promise takes the first result: also the look-up of a name must not take longer.
        let timer = loop.scheduleTask(in: TimeAmount(limit)) { answer.succeed(nil) }
        ClientBootstrap(group: loop).connectTimeout(TimeAmount(limit))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AnswerReader(request: request, answer))
                }
            }
            .connect(host: host, port: address.port)
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
