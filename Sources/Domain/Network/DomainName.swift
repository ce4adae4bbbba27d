import Foundation

/// Domain names (RFC 1035, RFC 5890).
package enum DomainName {
    private static let maxLength = 253
    private static let maxLabelLength = 63

    /// The form that DNS knows: a name that is not ASCII is converted to Punycode (UTS 46), any other is returned as it is.
    /// Returns `nil` where the text is not a valid name.
    package static func ascii(_ text: some StringProtocol) -> String? {
        guard !text.isEmpty, text.utf8.count <= 4 * maxLength,
            text.utf8.allSatisfy({ $0 >= 128 || isNameByte($0) })
        else { return nil }
        var name = String(text)
        if !text.utf8.allSatisfy({ $0 < 128 }) {
            var url = URLComponents()
            url.host = name
            guard let encoded = url.encodedHost else { return nil }
            name = encoded
        }
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        guard name.utf8.count <= maxLength, name.utf8.allSatisfy(isNameByte),
            labels.allSatisfy({ (1...maxLabelLength).contains($0.utf8.count) })
        else { return nil }
        return name
    }

    /// Letters, digits, hyphens and dots, and the underscore, which local networks use.
    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
