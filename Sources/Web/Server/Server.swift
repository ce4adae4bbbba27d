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
import Synchronization

/// The relay, alone or with the REST API, on one port, until the process is told to end.
public struct Server {
    /// What is served.
    public enum Offer: Sendable {
        /// The relay alone.
        ///
        /// - Parameter softwareVersion: what the descriptions name.
        case relay(softwareVersion: String)
        /// The relay and the REST API.
        ///
        /// - Parameter softwareVersion: what runs and the description of the API name.
        case everything(softwareVersion: String)
    }

    /// As answers tell it.
    static let name = "avicenna"

    private let offer: Offer
    private let database: any Database
    private let relay: Relay
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
        _ offer: Offer, of database: any Database, settings: Settings, now: @escaping @Sendable () -> Instant,
        logger: Logger, requestLog: Logger, onRun: @escaping @Sendable (RunEvent) -> Void = { _ in }
    ) async throws {
        self.offer = offer
        self.database = database
        self.settings = settings
        self.now = now
        self.logger = logger
        self.requestLog = requestLog
        self.onRun = onRun
        let group = MultiThreadedEventLoopGroup(numberOfThreads: Self.usableCores)
        self.group = group
        // Without it what comes in would never be computed.
        if case .everything = offer { _ = try JobDefinition(named: Recomputation.job, in: settings.jobs) }
        relay = try await Relay(
            database,
            ownFigures: OwnFigures(timezone: settings.timezone, successRating: settings.successRating),
            keys: try await TokenKeys(settings.tokens), limits: settings.connections, on: group, now: now,
            report: { logger.error("\($0)") })
    }

    /// Serves until SIGTERM or SIGINT.
    ///
    /// - Parameter onListening: called with the port, once it listens.
    /// - Throws: `ListenError` where it cannot listen; what ended it later.
    public func run(onListening: @escaping @Sendable (Int) -> Void) async throws {
        Self.raiseFileLimit()
        switch offer {
        case .relay(let softwareVersion):
            try await serve(nil, softwareVersion: softwareVersion, beside: [], onListening)
        case .everything(let softwareVersion):
            let live = LiveDesk(database, settings: settings, now: now)
            let recomputation = Recomputation(
                database, settings: settings, live: live, softwareVersion: softwareVersion, logger: logger, now: now,
                onEvent: onRun)
            let rules = WriteRules(
                editTime: Int64(settings.api.feedbackEditHours) * 3600, feedbackTrigger: settings.feedbackTrigger,
                feedbackPerDay: settings.api.feedbackPerDay, timezone: settings.timezone,
                successRating: settings.successRating)
            let clinic = ClinicDesk(
                database: database, settings: settings, writes: WriteDesk(database, rules: rules, now: now),
                recomputation: recomputation, live: live, now: now)
            try await serve(clinic, softwareVersion: softwareVersion, beside: [recomputation], onListening)
        }
    }

    private func serve(
        _ clinic: ClinicDesk?, softwareVersion: String, beside services: [any Service],
        _ onListening: @escaping @Sendable (Int) -> Void
    ) async throws {
        let relay = relay
        let connections = HTTPConnections(mostPerAddress: settings.connections.perAddress)
        let untrustedForwarding = UntrustedForwarding(logger: requestLog)
        let proxies = TrustedProxies(
            networks: settings.api.trustedProxies, untrustedForwarding: untrustedForwarding)
        let recorder = RequestRecorder(
            logger: requestLog, counters: RequestCounters(untrustedForwarding: untrustedForwarding))
        let localAnswers = LocalAnswers(serverName: Self.name, proxies: proxies, recorder: recorder)
        let router = Router(context: WebContext.self, options: .autoGenerateHeadEndpoints)
        API(
            clinic: clinic, relay: relay, settings: settings.api, softwareVersion: softwareVersion, proxies: proxies,
            recorder: recorder, logger: logger
        ).add(to: router)
        let isListening = Atomic<Bool>(false)
        let application = Application(
            responder: router.buildResponder(),
            server: HTTPServerBuilder {
                UpgradableChannel(
                    responder: $0, relay: relay, proxies: proxies, connections: connections, localAnswers: localAnswers)
            },
            configuration: ApplicationConfiguration(
                address: .hostname(settings.host, port: settings.port), serverName: Self.name, backlog: 4096),
            onServerRunning: {
                isListening.store(true, ordering: .relaxed)
                onListening($0.localAddress?.port ?? 0)
            },
            eventLoopGroupProvider: .shared(group), logger: logger)
        // The last ends first: clients are told before the port closes, and what requests call for goes on until then.
        let all: [any Service] = services + [application, Following(relay: relay)]
        do {
            try await ServiceGroup(
                configuration: ServiceGroupConfiguration(
                    services: all.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint],
                    logger: logger)
            ).run()
        } catch {
            guard !isListening.load(ordering: .relaxed),
                let reason = ListenError(error, at: settings.authority(port: settings.port))
            else { throw error }
            throw reason
        }
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
private struct Following: Service {
    let relay: Relay

    func run() async throws {
        try await cancelWhenGracefulShutdown { try await relay.run() }
    }
}
