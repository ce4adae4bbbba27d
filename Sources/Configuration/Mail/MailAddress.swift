import Domain

/// An address for mail, optionally with a display name.
public struct MailAddress: Hashable, Sendable, CustomStringConvertible {
    /// The display name; `nil` for none.
    public let name: String?
    /// The address itself, such as `reports@clinic.example`: printable ASCII without blanks and brackets, with the
    /// domain in its DNS form.
    public let address: String

    /// The maximum length that servers must accept (RFC 5321, 4.5.3.1.3, without angle brackets).
    private static let maxLength = 254

    /// The reason for which a text is not an address.
    public enum Problem: Error, Equatable, Sendable {
        /// It lacks the form of an address.
        case malformed
        /// The part before the `@` has characters beyond ASCII, which most servers refuse.
        case localPartNotASCII
        /// The part after the `@` is not a domain name.
        case notADomain

        /// Describes a valid address, to follow "must be".
        public var expectation: String {
            switch self {
            case .malformed: "an address, such as Clinic <reports@clinic.example>"
            case .localPartNotASCII:
                "an address with ASCII letters, digits and signs before the @, such as reports@clinic.example"
            case .notADomain: "an address with the name of a domain after the @, such as reports@clinic.example"
            }
        }
    }

    /// Reads `reports@clinic.example`, `Clinic <reports@clinic.example>` or `"Clinic, Tehran" <reports@clinic.example>`. A
    /// domain in other letters than ASCII is converted to Punycode.
    public init(parsing text: String) throws(Problem) {
        var address = text[...]
        var name: String?
        if text.hasSuffix(">"), let open = text.lastIndex(of: "<") {
            address = text[text.index(after: open)...].dropLast()
            let words = text[..<open].split(separator: " ").joined(separator: " ")
            guard let read = Self.displayName(words) else { throw .malformed }
            name = read.isEmpty ? nil : read
        }
        let parts = address.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else { throw .malformed }
        guard parts[0].utf8.allSatisfy({ $0 < 128 }) else { throw .localPartNotASCII }
        guard parts[0].utf8.allSatisfy({ (33...126).contains($0) && !"<>()[]\\,;:\"".utf8.contains($0) }) else {
            throw .malformed
        }
        guard let domain = DomainName.ascii(parts[1]) else { throw .notADomain }
        let ascii = "\(parts[0])@\(domain)"
        guard ascii.utf8.count <= Self.maxLength else { throw .malformed }
        self.name = name
        self.address = ascii
    }

    /// Reads an address as `init(parsing:)` does; `nil` for anything else.
    public init?(_ text: String) {
        do throws(Problem) { try self.init(parsing: text) } catch { return nil }
    }

    /// A display name without its quotes; `nil` if it has control characters or unbalanced quotes.
    private static func displayName(_ text: String) -> String? {
        guard !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return nil }
        guard text.contains("\"") else { return text }
        guard text.count > 1, text.hasPrefix("\""), text.hasSuffix("\"") else { return nil }
        var name = ""
        var isEscaped = false
        for character in text.dropFirst().dropLast() {
            if !isEscaped, character == "\\" {
                isEscaped = true
                continue
            }
            guard isEscaped || character != "\"" else { return nil }
            name.append(character)
            isEscaped = false
        }
        return isEscaped ? nil : name
    }

    /// The part after the `@`.
    public var domain: Substring { address[address.index(after: address.firstIndex(of: "@") ?? address.startIndex)...] }

    /// The address, after the display name if there is one.
    public var description: String { name.map { "\($0) <\(address)>" } ?? address }
}
