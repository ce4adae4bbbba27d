import Foundation

/// The origin of a web page (RFC 6454): scheme, host and port, in the form in which browsers send it.
public struct WebOrigin: Hashable, Sendable, CustomStringConvertible {
    /// The scheme in lower case, such as `https`.
    public let scheme: String
    /// The host in lower case: a name in its ASCII form, or an address in canonical form, IPv6 without brackets.
    public let host: String
    /// The port; `nil` for the default port of the scheme.
    public let port: Int?

    private static let defaultPorts = ["http": 80, "https": 443]

    /// Reads an origin such as `https://app.clinic.example` or `http://[::1]:3000`. Returns `nil` for anything else: a URL
    /// with a path (also `/` alone), query, fragment or user, a wildcard, `null`.
    public init?(_ text: some StringProtocol) {
        guard let colon = text.range(of: "://") else { return nil }
        let scheme = text[..<colon.lowerBound].lowercased()
        guard let first = scheme.utf8.first, (97...122).contains(first),
            scheme.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || "+-.".utf8.contains($0) })
        else { return nil }
        var host = text[colon.upperBound...]
        var port: Int?
        // The colons of an IPv6 address are before its bracket.
        let nameEnd = host.lastIndex(of: "]") ?? host.startIndex
        if let colon = host[nameEnd...].lastIndex(of: ":") {
            let digits = host[host.index(after: colon)...]
            guard (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy({ (48...57).contains($0) }),
                let number = Int(digits), (1...65_535).contains(number)
            else { return nil }
            port = number == Self.defaultPorts[scheme] ? nil : number
            host = host[..<colon]
        }
        if host.hasPrefix("[") {
            guard host.hasSuffix("]"), !host.contains("%"), let address = IPAddress(host), !address.isIPv4 else {
                return nil
            }
            self.host = address.description
        } else {
            guard let name = DomainName.ascii(host) else { return nil }
            self.host = name.lowercased()
        }
        self.scheme = scheme
        self.port = port
    }

    /// Whether its pages come from this machine, so that nobody on the way can change them.
    public var isLocal: Bool {
        host == "localhost" || host.hasSuffix(".localhost") || IPAddress(host)?.isLoopback == true
    }

    /// As browsers send it in the header field `Origin`.
    public var description: String {
        "\(scheme)://" + (host.contains(":") ? "[\(host)]" : host) + (port.map { ":\($0)" } ?? "")
    }
}
