/// A block of IP addresses with a common prefix (CIDR), such as `10.0.0.0/8`; a single address is a network too.
public struct IPNetwork: Hashable, Sendable, CustomStringConvertible {
    /// The first address.
    public let address: IPAddress
    /// The number of leading bits that all of its addresses share: 0…32 for IPv4, 0…128 for IPv6.
    public let prefixLength: Int

    static let privateNetworks = [
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10", "fc00::/7", "fe80::/10",
    ].compactMap { IPNetwork($0) }

    /// The network of an address; the bits after the prefix are cleared.
    init(_ address: IPAddress, prefixLength: Int) {
        let hostBits = address.width - prefixLength
        // A shift by 128 or more gives 0.
        self.address = IPAddress(isIPv4: address.isIPv4, bits: (address.bits >> hostBits) << hostBits)
        self.prefixLength = prefixLength
    }

    /// Reads an address or a network such as `10.0.0.0/8` or `2001:db8::/32`. Bits after the prefix are cleared; a prefix
    /// of an IPv4-mapped address counts all 128 bits and must cover the first 96. Returns `nil` for anything else, such as
    /// a name, an address with a port or a netmask in dotted form.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(parts[0]) else { return nil }
        guard parts.count > 1 else {
            self.init(address, prefixLength: address.width)
            return
        }
        guard !parts[1].isEmpty, parts[1].utf8.count <= 3, parts[1].utf8.allSatisfy({ (48...57).contains($0) }),
            let number = Int(parts[1])
        else { return nil }
        let isMapped = address.isIPv4 && parts[0].contains(":")
        let length = isMapped ? number - 96 : number
        guard (0...address.width).contains(length) else { return nil }
        self.init(address, prefixLength: length)
    }

    /// Whether an address is in the network.
    public func contains(_ address: IPAddress) -> Bool {
        address.isIPv4 == self.address.isIPv4 && IPNetwork(address, prefixLength: prefixLength) == self
    }

    /// The canonical form: an address, with the length of the prefix where there is more than one address.
    public var description: String {
        prefixLength == address.width ? "\(address)" : "\(address)/\(prefixLength)"
    }
}
