import Domain
import Foundation

/// A JSON Web Token in the compact serialisation (RFC 7515, 7.1), taken apart and not verified yet.
struct CompactToken {
    /// The name of the algorithm (`alg`).
    let algorithm: String
    /// The name of the key (`kid`), if there is one.
    let keyID: String?
    /// What is signed: header and payload as they were sent.
    let signed: [UInt8]
    let signature: [UInt8]
    /// The claims, an object.
    let payload: JSON

    /// `nil` if it is not a token, or demands extensions (`crit`; none is understood here).
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
            // What is not valid JSON is not a token.
            let document = try? JSONDocument(Array(bytes), limits: JSONLimits(bytes: NetworkLimits.token)),
            case .object = document.value
        else { return nil }
        return document.value
    }
}
