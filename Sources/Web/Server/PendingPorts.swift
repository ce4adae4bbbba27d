import Synchronization

/// The ports of a server: gathered until it listens at all of them.
final class PendingPorts: Sendable {
    private struct Known {
        var main: Int?
        var metrics: Int?
    }

    private let hasMetrics: Bool
    private let onListening: @Sendable (Server.Ports) -> Void
    private let known = Mutex(Known())

    /// - Parameters:
    ///   - hasMetrics: whether there is a port for metrics.
    ///   - onListening: called once, with all ports.
    init(hasMetrics: Bool, onListening: @escaping @Sendable (Server.Ports) -> Void) {
        self.hasMetrics = hasMetrics
        self.onListening = onListening
    }

    /// Notes the port of the settings.
    func add(_ port: Int, of setting: ListenError.Setting) {
        let known = known.withLock { known in
            switch setting {
            case .hostAndPort: known.main = port
            case .metricsAddress: known.metrics = port
            }
            return known
        }
        guard let main = known.main, known.metrics != nil || !hasMetrics else { return }
        onListening(Server.Ports(main: main, metrics: known.metrics))
    }
}
