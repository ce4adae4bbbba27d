public import Domain
import Foundation
import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
import NIOPosix
import Relay
import ServiceLifecycle
public import Store

/// The relay on a port of its own, until the process is told to end.
public struct RelayServer {
    private let relay: Relay
    private let settings: Settings
    private let logger: Logger
    private let group: MultiThreadedEventLoopGroup

    /// Opens the relay of a database.
    ///
    /// - Throws: `StoreError`, and what stands against the keys.
    public init(
        _ database: any Database, settings: Settings, now: @escaping @Sendable () -> Instant, logger: Logger
    ) async throws {
        self.settings = settings
        self.logger = logger
        let group = MultiThreadedEventLoopGroup(numberOfThreads: Self.usableCores)
        self.group = group
        relay = try await Relay(
            database, keys: try await TokenKeys(settings.tokens), limits: settings.connections,
            on: group, now: now, report: { logger.error("\($0)") })
    }

    /// Serves until SIGTERM or SIGINT.
    ///
    /// - Parameter onListening: told the port, once it listens.
    public func run(onListening: @escaping @Sendable (Int) -> Void) async throws {
        Self.raiseFileLimit()
        let relay = relay
        let router = Router()
        RelayRoutes(relay: relay).add(to: router)
        let application = Application(
            responder: router.buildResponder(),
            server: HTTPServerBuilder { UpgradableChannel(responder: $0, relay: relay) },
            configuration: ApplicationConfiguration(
                address: .hostname(settings.host, port: settings.port), serverName: "avicenna", backlog: 4096),
            onServerRunning: { onListening($0.localAddress?.port ?? 0) },
            eventLoopGroupProvider: .shared(group), logger: logger)
        let following = Following(relay: relay)
        try await ServiceGroup(
            configuration: ServiceGroupConfiguration(
                // The last ends first: clients are told before the port closes.
                services: [.init(service: application), .init(service: following)],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        ).run()
    }
}

extension RelayServer {
    /// Cores that this process may run on, which may be fewer than there are.
    private static var usableCores: Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let mask = status.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed:") }?.dropFirst(
            "Cpus_allowed:".count)
        let allowed = (mask ?? "").reduce(0) { $0 + ($1.hexDigitValue ?? 0).nonzeroBitCount }
        return allowed > 0 ? min(allowed, System.coreCount) : System.coreCount
    }

    /// Each connection is an open file, and systems let a program have few unless it asks for all that it may have.
    private static func raiseFileLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}

/// Follows the deltas as a service.
private struct Following: Service {
    let relay: Relay

    func run() async throws {
        try await cancelWhenGracefulShutdown { try await relay.run() }
    }
}
