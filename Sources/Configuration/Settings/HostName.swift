import Domain

/// Recognises names and addresses of hosts.
enum HostName {
    /// Whether a text has the form of a name or an IPv4 address.
    static func isName(_ text: some StringProtocol) -> Bool {
        !text.isEmpty
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-._".contains($0)) }
    }

    /// Whether a text is an IPv6 address without brackets and zone.
    static func isIPv6(_ text: some StringProtocol) -> Bool {
        text.contains(":") && !text.contains(where: "[]%".contains) && IPAddress(text) != nil
    }
}
