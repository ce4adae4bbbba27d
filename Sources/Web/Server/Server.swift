import Access
public import Configuration
public import Domain
import Foundation
import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
import NIOPosix
public import Pipeline
import Relay
import ServiceLifecycle
public import Store

/// The relay, alone or with the REST API, on one port, until the process is told to end; and metrics on a second port where
/// the settings have a `metricsAddress`.
public struct Server {
    /// What is served.
    public enum Mode: Sendable {
        /// The relay alone.
        ///
        /// - Parameter softwareVersion: what the descriptions name.
        case relay(softwareVersion: String)
        /// The relay and the REST API.
        ///
        /// - Parameter softwareVersion: what runs and the description of the API name.
        case everything(softwareVersion: String)
    }

    /// The ports at which a server listens: those of the settings, or free ones in place of 0.
    public struct Ports: Sendable {
        /// Of the relay and the API.
        public let main: Int
        /// Of metrics without a token; `nil` where there is none.
        public let metrics: Int?
    }

    /// As answers tell it.
    static let name = "avicenna"

    private let mode: Mode
    private let database: any ClinicStore
    private let relay: Relay
    private let authenticator: TokenAuthenticator
    private let settings: Settings
    private let now: @Sendable () -> Instant
    private let logger: Logger
    private let requestLog: Logger
    private let onRun: @Sendable (RunEvent) -> Void
    private let group: MultiThreadedEventLoopGroup

    /// Opens what is served of a database.
    ///
    /// - Parameters:
    ///   - logger: told of what goes wrong.
    ///   - requestLog: told of each request to the API.
    ///   - onRun: told of the runs that feedback calls for.
    /// - Throws: `StoreError`, and what stands against the keys.
    public init(
        _ mode: Mode, of database: any ClinicStore, settings: Settings, now: @escaping @Sendable () -> Instant,
        logger: Logger, requestLog: Logger, onRun: @escaping @Sendable (RunEvent) -> Void = { _ in }
    ) async throws {
        self.mode = mode
        self.database = database
        self.settings = settings
        self.now = now
        self.logger = logger
        self.requestLog = requestLog
        self.onRun = onRun
        let group = MultiThreadedEventLoopGroup(numberOfThreads: Self.usableCores)
        self.group = group
        // Without it what comes in would never be computed.
        if case .everything = mode { _ = try JobDefinition(named: FeedbackRun.job, in: settings.jobs) }
        authenticator = try TokenAuthenticator(keys: try await TokenKeys(settings.tokens), database: database)
        relay = try await Relay(
            database,
            ownFigures: settings.ownFigures,
            authenticator: authenticator, limits: settings.connections, on: group, now: now,
            report: { logger.error("\($0)") })
    }

    /// Serves until SIGTERM or SIGINT.
    ///
    /// - Parameter onListening: called once it listens, at all of its ports.
    /// - Throws: `ListenError` where it cannot listen; what ended it later.
    public func run(onListening: @escaping @Sendable (Ports) -> Void) async throws {
        Self.raiseFileLimit()
        switch mode {
        case .relay(let softwareVersion):
            try await serve(nil, softwareVersion: softwareVersion, beside: [], onListening)
        case .everything(let softwareVersion):
            let clinic = try ClinicService(
                of: database, settings: settings, softwareVersion: softwareVersion, logger: logger, now: now,
                onRun: onRun)
            try await serve(clinic, softwareVersion: softwareVersion, beside: [clinic.recompute], onListening)
        }
    }

    private func serve(
        _ clinic: ClinicService?, softwareVersion: String, beside services: [any Service],
        _ onListening: @escaping @Sendable (Ports) -> Void
    ) async throws {
        let untrustedForwarding = UntrustedForwarding(logger: requestLog)
        let proxies = TrustedProxies(
            networks: settings.api.trustedProxies, untrustedForwarding: untrustedForwarding)
        let recorder = RequestRecorder(
            logger: requestLog, counters: RequestCounters(untrustedForwarding: untrustedForwarding))
        let api = API(
            clinic: clinic, relay: relay, authenticator: authenticator, settings: settings.api,
            softwareVersion: softwareVersion, proxies: proxies, recorder: recorder, logger: logger)
        let ports = PendingPorts(hasMetrics: settings.metricsAddress != nil, onListening: onListening)
        let main = listener(.main(settings), proxies, recorder, ports, acceptsFollowers: true, api.add)
        let metrics = settings.metricsAddress.map { address in
            let monitoring = MonitoringAPI(
                relay: relay, settings: settings.api, proxies: proxies, recorder: recorder, logger: logger)
            return listener(.metrics(address), proxies, recorder, ports, acceptsFollowers: false, monitoring.add)
        }
        // A port that cannot be opened ends the others as a signal does.
        // The last ends first: clients are told before the port closes, and what requests call for goes on until then.
        let all: [any Service] = services + [metrics, main].compactMap(\.self) + [RelayService(relay: relay)]
        try await ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: all.map { .init(service: $0, failureTerminationBehavior: .gracefullyShutdownGroup) },
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        ).run()
    }

    /// A port with its own limits of connections.
    ///
    /// - Parameter addRoutes: adds what is served there.
    private func listener(
        _ place: Listener.Place, _ proxies: TrustedProxies, _ recorder: RequestRecorder, _ ports: PendingPorts,
        acceptsFollowers: Bool, _ addRoutes: (Router<WebContext>) -> Void
    ) -> Listener {
        let relay = relay
        let connections = HTTPConnections(maxPerAddress: settings.connections.perAddress)
        let localAnswers = LocalAnswers(serverName: Self.name, proxies: proxies, recorder: recorder)
        return Listener(
            place: place, responder: Router(adding: addRoutes).buildResponder(),
            channel: HTTPServerBuilder {
                UpgradableChannel(
                    responder: $0, relay: relay, proxies: proxies, connections: connections, localAnswers: localAnswers,
                    acceptsFollowers: acceptsFollowers)
            },
            group: group, logger: logger, onListening: { ports.add($0, of: place.setting) })
    }
}

extension Server {
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
private struct RelayService: Service {
    let relay: Relay

    func run() async throws {
        try await cancelWhenGracefulShutdown { try await relay.run() }
    }
}
