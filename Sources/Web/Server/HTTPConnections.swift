import Synchronization

/// Counts the connections that each address keeps open for requests.
final class HTTPConnections: Sendable {
    private let mostPerAddress: Int
    private let counts = Mutex<[String: Int]>([:])

    init(mostPerAddress: Int) {
        self.mostPerAddress = mostPerAddress
    }

    /// Counts a connection.
    ///
    /// - Returns: whether there may be one more of its address.
    func enter(_ address: String) -> Bool {
        counts.withLock { counts in
            guard counts[address, default: 0] < mostPerAddress else { return false }
            counts[address, default: 0] += 1
            return true
        }
    }

    /// Forgets a connection that was counted.
    func leave(_ address: String) {
        counts.withLock { counts in
            counts[address, default: 1] -= 1
            if counts[address] == 0 { counts[address] = nil }
        }
    }
}
