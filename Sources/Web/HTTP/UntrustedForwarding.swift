import Domain
import Logging
import Synchronization

/// Counts requests with `X-Forwarded-For` from loopback and private addresses that are not trusted, and warns of the first
/// one: there is probably a proxy that the settings do not name, so that all of its clients share one limit.
final class UntrustedForwarding: Sendable {
    private let requests = Atomic<Int>(0)
    private let logger: Logger

    init(logger: Logger) {
        self.logger = logger
    }

    /// Requests so far.
    var count: Int { requests.load(ordering: .relaxed) }

    /// Counts a request from a peer.
    func note(_ peer: IPAddress) {
        guard requests.add(1, ordering: .relaxed).oldValue == 0 else { return }
        logger.warning(
            "ignoring X-Forwarded-For from \(peer), so all clients behind it share one limit; if this is your proxy, name it with 'trusted_proxies: \(peer)'"
        )
    }
}
