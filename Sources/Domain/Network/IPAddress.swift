import Foundation

/// An IPv4 or IPv6 address in one canonical form, so that equal addresses are equal however they are written.
///
/// An IPv4-mapped IPv6 address (`::ffff:192.0.2.1`), which is how a socket that listens at `::` sees IPv4 peers, is the IPv4
/// address.
public struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    /// Whether it is an IPv4 address.
    public let isIPv4: Bool
    /// The address as a number in network order; IPv4 addresses use the low 32 bits.
    let bits: UInt128

    /// The IPv6 address `::`, which no client has.
    public static let unspecified = IPAddress(isIPv4: false, bits: 0)

    /// `::ffff:0:0/96`, without its low 32 bits.
    private static let mappedPrefix: UInt128 = 0xFFFF
    /// The length of the longest form, `0000:…:255.255.255.255`.
    private static let maxLength = 45

    init(isIPv4: Bool, bits: UInt128) {
        self.isIPv4 = isIPv4
        self.bits = bits
    }

    /// Reads an address such as `192.0.2.1`, `2001:db8::1`, `0:0:0:0:0:0:0:1`, `[::1]` or `::ffff:192.0.2.1`. The zone of
    /// an IPv6 address (`fe80::1%eth0`) is dropped. Returns `nil` for anything else, such as a name or an address with a
    /// port.
    public init?(_ text: some StringProtocol) {
        var digits = text[...]
        let isBracketed = digits.hasPrefix("[") && digits.hasSuffix("]")
        if isBracketed { digits = digits.dropFirst().dropLast() }
        let isIPv6 = digits.contains(":")
        if isIPv6, let zone = digits.firstIndex(of: "%") { digits = digits[..<zone] }
        guard digits.utf8.count <= Self.maxLength, isIPv6 || !isBracketed,
            digits.utf8.allSatisfy({ $0.isHexDigit || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ":") })
        else { return nil }
        if isIPv6 {
            var address = in6_addr()
            guard inet_pton(AF_INET6, String(digits), &address) == 1 else { return nil }
            let bits = Self.number(address)
            let isMapped = bits >> 32 == Self.mappedPrefix
            self.init(isIPv4: isMapped, bits: isMapped ? bits & 0xFFFF_FFFF : bits)
        } else {
            var address = in_addr()
            guard inet_pton(AF_INET, String(digits), &address) == 1 else { return nil }
            self.init(isIPv4: true, bits: Self.number(address))
        }
    }

    private static func number<Bytes>(_ address: Bytes) -> UInt128 {
        withUnsafeBytes(of: address) { $0.reduce(0) { $0 << 8 | UInt128($1) } }
    }

    /// The number of bits of an address: 32 or 128.
    var width: Int { isIPv4 ? 32 : 128 }

    /// The network that limits count as one client: the /64 of an IPv6 address, since a subscriber is given at least that
    /// many addresses (RFC 6177), or the IPv4 address alone.
    public var clientNetwork: IPNetwork { IPNetwork(self, prefixLength: isIPv4 ? 32 : 64) }

    /// Whether it is an address of this machine: `127.0.0.0/8` or `::1`.
    public var isLoopback: Bool { isIPv4 ? bits >> 24 == 127 : bits == 1 }

    /// Whether it is an address of a private network (RFC 1918, RFC 6598, RFC 4193) or of the local link.
    public var isPrivate: Bool { IPNetwork.privateNetworks.contains { $0.contains(self) } }

    /// The shortest form: dotted decimal, or RFC 5952.
    public var description: String {
        var text = [CChar](repeating: 0, count: Self.maxLength + 1)
        var bytes = (0..<width / 8).map { UInt8(truncatingIfNeeded: bits >> (width - 8 * ($0 + 1))) }
        guard inet_ntop(isIPv4 ? AF_INET : AF_INET6, &bytes, &text, socklen_t(text.count)) != nil else {
            preconditionFailure("the buffer holds every address")
        }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

extension UInt8 {
    fileprivate var isHexDigit: Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self)
            || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self | 0x20)
    }
}
