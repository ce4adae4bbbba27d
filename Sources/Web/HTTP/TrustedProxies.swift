import Domain
import HTTPTypes
import Hummingbird

/// The proxies in front of the server, whose `X-Forwarded-For` says who the client is.
struct TrustedProxies: Sendable {
    private static let header = HTTPField.Name("X-Forwarded-For")
    /// The entries of the header that are read, from the right.
    private static let maxEntries = 64

    /// The networks of the proxies.
    let networks: [IPNetwork]
    /// Where headers of other peers are counted.
    let untrustedForwarding: UntrustedForwarding

    /// Whether an address is that of a trusted proxy.
    func contains(_ address: IPAddress) -> Bool {
        networks.contains { $0.contains(address) }
    }

    // MARK: Clients

    /// The address of the client that sent a request.
    func client(of request: Request, from peer: IPAddress) -> IPAddress {
        client(forwardedFor: Self.lines(of: request), from: peer)
    }

    /// The address of the client: of the addresses that a trusted proxy forwards, the last one that is not a trusted proxy.
    /// Ports are dropped, and entries that are not addresses are ignored. Without such an address it is the peer.
    ///
    /// - Parameter lines: the values of the header lines `X-Forwarded-For`; the last 64 entries are read.
    func client(forwardedFor lines: [String], from peer: IPAddress) -> IPAddress {
        guard !lines.isEmpty, contains(peer) else { return peer }
        var entriesLeft = Self.maxEntries
        for line in lines.reversed() {
            var rest = Substring(line)
            while true {
                guard entriesLeft > 0 else { return peer }
                entriesLeft -= 1
                let comma = rest.utf8.lastIndex(of: UInt8(ascii: ","))
                let entry = comma.map { rest[rest.utf8.index(after: $0)...] } ?? rest
                if let address = Self.address(of: entry), !contains(address) { return address }
                guard let comma else { break }
                rest = rest[..<comma]
            }
        }
        return peer
    }

    /// Reads `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:4711`, quoted or not.
    private static func address(of entry: Substring) -> IPAddress? {
        var text = entry.trimmingSpace
        if text.utf8.count > 1, text.first == "\"", text.last == "\"" { text = text.dropFirst().dropLast() }
        if let address = IPAddress(text) { return address }
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]), port > 0 else {
            return nil
        }
        let host = text[..<colon]
        // With a port, an IPv6 address has brackets.
        guard host.hasPrefix("[") || !host.contains(":") else { return nil }
        return IPAddress(host)
    }

    private static func lines(of request: Request) -> [String] {
        header.map { request.headers[values: $0] } ?? []
    }

    // MARK: Headers that are not believed

    /// Counts a request whose `X-Forwarded-For` is ignored although its peer may be a proxy of the clinic. To be called once
    /// for each request.
    func noteUntrusted(_ request: Request, from peer: IPAddress) {
        noteUntrusted(forwardedFor: Self.lines(of: request), from: peer)
    }

    /// Counts a request whose `X-Forwarded-For` is ignored although its peer may be a proxy of the clinic. To be called once
    /// for each request.
    ///
    /// - Parameter lines: the values of the header lines `X-Forwarded-For`.
    func noteUntrusted(forwardedFor lines: [String], from peer: IPAddress) {
        guard !lines.isEmpty, peer.isLoopback || peer.isPrivate, !contains(peer) else { return }
        untrustedForwarding.note(peer)
    }
}
