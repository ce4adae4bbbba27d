import Domain
import Foundation

/// A JSON Web Token in the compact serialisation (RFC 7515, 7.1), parsed but not verified.
struct CompactToken {
    /// The algorithm (`alg`), such as `ES256`.
    let algorithm: String
    /// The identifier of the key (`kid`); `nil` for none.
    let keyID: String?
    /// The signed bytes: header and payload as they were sent.
    let signed: [UInt8]
    let signature: [UInt8]
    /// The claims; always an object.
    let payload: JSON

    /// Parses a token. Returns `nil` if it is malformed, longer than `NetworkLimits.token`, or requires extensions (`crit`).
    init?(_ text: String) {
        guard text.utf8.count <= NetworkLimits.token else { return nil }
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Self.object(parts[0]), let payload = Self.object(parts[1]),
            let signature = Data(base64URL: Substring(parts[2])), header["crit"] == nil,
            let algorithm = header["alg"]?.string
        else { return nil }
        switch header["kid"] {
        case nil: keyID = nil
        case .text(let id): keyID = id
        default: return nil
        }
        self.algorithm = algorithm
        self.signature = Array(signature)
        self.payload = payload
        signed = Array(text.utf8.prefix(parts[0].count + 1 + parts[1].count))
    }

    private static func object(_ part: Substring.UTF8View) -> JSON? {
        guard let bytes = Data(base64URL: Substring(part)),
            // Invalid JSON is a malformed token.
            let document = try? JSONDocument(Array(bytes), limits: JSONLimits(bytes: NetworkLimits.token)),
            case .object = document.value
        else { return nil }
        return document.value
    }
}
