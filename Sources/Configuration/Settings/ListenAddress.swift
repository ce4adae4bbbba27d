public import Domain

/// An address to listen at: an IP address or `localhost`, and a port, such as `127.0.0.1:9464` or `[::1]:9464`.
public struct ListenAddress: Equatable, Sendable, CustomStringConvertible {
    /// The interfaces to listen at.
    public enum Host: Equatable, Sendable {
        /// The name `localhost`.
        case localhost
        /// An address of this machine, or `0.0.0.0` or `::` for all of them.
        case address(IPAddress)
    }

    /// The interfaces to listen at.
    public let host: Host
    /// 0…65535; 0 for any free port.
    public let port: Int

    /// Reads `ADDRESS:PORT`, with an IPv6 address in brackets and without zone, and digits of the port in Latin, Persian or
    /// Arabic. Returns `nil` for anything else, such as another name or an address without port.
    public init?(_ text: some StringProtocol) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let (host, digits) = (text[..<colon], text[text.index(after: colon)...])
        guard (1...5).contains(digits.count), digits.allSatisfy(\.isWholeNumber),
            let port = Int(String(digits).withPlainDigits), port <= 65_535
        else { return nil }
        self.port = port
        guard host != "localhost" else {
            self.host = .localhost
            return
        }
        // Brackets make clear which colon is that of the port.
        let isBracketed = host.hasPrefix("[")
        guard isBracketed == host.contains(":"), !host.contains("%"), let address = IPAddress(host) else { return nil }
        self.host = .address(address)
    }

    private init(host: Host, port: Int) {
        self.host = host
        self.port = port
    }

    /// The same host with another port.
    public func with(port: Int) -> ListenAddress { ListenAddress(host: host, port: port) }

    /// Whether listening here conflicts with listening at another host and port: the ports are equal and not 0, and so are the
    /// hosts, or one of them means all. Names are not resolved.
    func overlaps(host: String, port: Int) -> Bool {
        let hosts = [hostname, host]
        return self.port == port && port > 0 && (hostname == host || hosts.contains("0.0.0.0") || hosts.contains("::"))
    }

    /// The host, without brackets.
    public var hostname: String {
        switch host {
        case .localhost: "localhost"
        case .address(let address): "\(address)"
        }
    }

    /// Host and port in the form of URLs.
    public var description: String { (hostname.contains(":") ? "[\(hostname)]" : hostname) + ":\(port)" }
}
