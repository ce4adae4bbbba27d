import Domain
import Synchronization

/// Counts the connections that each client keeps open for requests: each IPv4 address, and each /64 of IPv6.
final class HTTPConnections: Sendable {
    private let maxPerAddress: Int
    private let counts = Mutex<[IPNetwork: Int]>([:])

    init(maxPerAddress: Int) {
        self.maxPerAddress = maxPerAddress
    }

    /// Counts a connection.
    ///
    /// - Returns: whether its client may have one more.
    func acquire(_ address: IPAddress) -> Bool {
        let address = address.clientNetwork
        return counts.withLock { counts in
            guard counts[address, default: 0] < maxPerAddress else { return false }
            counts[address, default: 0] += 1
            return true
        }
    }

    /// Forgets a connection that was counted.
    func release(_ address: IPAddress) {
        let address = address.clientNetwork
        counts.withLock { counts in
            counts[address, default: 1] -= 1
            if counts[address] == 0 { counts[address] = nil }
        }
    }
}
