/// An address that mail can be sent to, perhaps with the name of whose it is.
public struct MailAddress: Hashable, Sendable, CustomStringConvertible {
    /// The name that mail programs show; `nil` where there is none.
    public let name: String?
    /// The address itself, such as `reports@clinic.example`: printable ASCII without blanks and brackets.
    public let address: String

    /// The longest address that servers must take.
    private static let longest = 254

    /// Reads `reports@clinic.example` or `Clinic <reports@clinic.example>`; `nil` for anything else.
    public init?(_ text: String) {
        var address = text[...]
        var name: String?
        if text.hasSuffix(">"), let open = text.lastIndex(of: "<") {
            address = text[text.index(after: open)...].dropLast()
            let words = text[..<open].split(separator: " ").joined(separator: " ")
            guard !words.unicodeScalars.contains(where: { $0.value < 32 || $0 == "\"" }) else { return nil }
            name = words.isEmpty ? nil : words
        }
        let parts = address.split(separator: "@", omittingEmptySubsequences: false)
        let isPlain = address.utf8.allSatisfy { (33...126).contains($0) && !"<>()[]\\,;:\"".utf8.contains($0) }
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }), isPlain, address.utf8.count <= Self.longest else {
            return nil
        }
        self.name = name
        self.address = String(address)
    }

    /// What stands after the `@`.
    public var domain: Substring { address[address.index(after: address.firstIndex(of: "@") ?? address.startIndex)...] }

    /// The address, after the name where there is one.
    public var description: String { name.map { "\($0) <\(address)>" } ?? address }
}
