import Configuration
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

/// A port at which requests are answered, as a service.
struct Listener: Service {
    /// Where to listen, and which settings say so.
    struct Place: Sendable {
        let hostname: String
        /// 0 for any that is free.
        let port: Int
        /// Host and port, as URLs have them.
        let authority: String
        let setting: ListenError.Setting

        /// The place of the API and the relay.
        static func main(_ settings: Settings) -> Place {
            Place(
                hostname: settings.host, port: settings.port, authority: settings.authority(port: settings.port),
                setting: .hostAndPort)
        }

        /// The place of metrics without a token.
        static func metrics(_ address: ListenAddress) -> Place {
            Place(
                hostname: address.hostname, port: address.port, authority: "\(address)", setting: .metricsAddress)
        }
    }

    let place: Place
    let responder: RouterResponder<WebContext>
    let channel: HTTPServerBuilder
    let group: any EventLoopGroup
    let logger: Logger
    /// Called with the port, once it listens.
    let onListening: @Sendable (Int) -> Void

    /// Answers until it is told to end.
    ///
    /// - Throws: `ListenError` where it cannot listen; what ended it later.
    func run() async throws {
        let isListening = Atomic<Bool>(false)
        let application = Application(
            responder: responder, server: channel,
            configuration: ApplicationConfiguration(
                address: .hostname(place.hostname, port: place.port), serverName: Server.name, backlog: 4096),
            onServerRunning: {
                isListening.store(true, ordering: .relaxed)
                onListening($0.localAddress?.port ?? 0)
            },
            eventLoopGroupProvider: .shared(group), logger: logger)
        do {
            try await application.run()
        } catch {
            guard !isListening.load(ordering: .relaxed),
                let reason = ListenError(error, at: place.authority, by: place.setting)
            else { throw error }
            throw reason
        }
    }
}
