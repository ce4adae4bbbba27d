import Foundation
import JWTKit

/// A set of keys as issuers publish it (JWKS, RFC 7517). Members that are not valid keys are skipped.
///
/// It exists because `JWKS` of jwt-kit refuses a whole set for one key whose `kty`, `alg` or `crv` it does not know.
struct JSONWebKeySet: Decodable {
    /// The valid keys, in the order of the set.
    let keys: [JSONWebKey]

    private enum CodingKeys: String, CodingKey {
        case keys
    }

    /// Any member of the set; `key` is `nil` if it is not a valid key.
    private struct Member: Decodable {
        let key: JSONWebKey?

        init(from decoder: any Decoder) { key = try? JSONWebKey(from: decoder) }
    }

    init(from decoder: any Decoder) throws {
        keys = try decoder.container(keyedBy: CodingKeys.self).decode([Member].self, forKey: .keys).compactMap(\.key)
    }
}

/// A public key with the member names of RFC 7517 and RFC 7518.
struct JSONWebKey: Decodable {
    /// The identifier by which tokens refer to the key.
    let kid: String?
    private let kty: String
    private let alg: String?
    private let use: String?
    /// The permitted operations (`key_ops`); `nil` for any.
    private let operations: [String]?
    private let crv: String?
    private let x: String?
    private let y: String?
    private let n: String?
    private let e: String?

    private enum CodingKeys: String, CodingKey {
        case kid, kty, alg, use, crv, x, y, n, e
        case operations = "key_ops"
    }

    /// The key for ES256; `nil` if it is for another algorithm or invalid.
    var es256: ES256PublicKey? {
        guard signs(.ecdsa, .es256), crv == ECDSACurve.p256.rawValue, let x = Self.coordinate(x),
            let y = Self.coordinate(y)
        else { return nil }
        return try? ES256PublicKey(parameters: (x, y))
    }

    /// The key for RS256, of at least 2048 bits; `nil` if it is for another algorithm, too short or invalid.
    var rs256: Insecure.RSA.PublicKey? {
        guard signs(.rsa, .rs256), let n, let e else { return nil }
        return try? Insecure.RSA.PublicKey(modulus: n, exponent: e)
    }

    /// Whether `use` and `key_ops` permit verifying signatures (RFC 7517, 4.2 and 4.3).
    var isForSignatures: Bool { [nil, "sig"].contains(use) && operations?.contains("verify") != false }

    private func signs(_ type: JWK.KeyType, _ algorithm: JWK.Algorithm) -> Bool {
        isForSignatures && kty == type.rawValue && [nil, algorithm.rawValue].contains(alg)
    }

    /// A coordinate of P-256, padded to 32 bytes: some issuers omit leading zeros.
    private static func coordinate(_ text: String?) -> String? {
        guard let bytes = text.flatMap(Data.init(base64URL:)), bytes.count <= 32 else { return nil }
        return (Data(count: 32 - bytes.count) + bytes).base64EncodedString()
    }
}

extension JSONWebKey: CustomStringConvertible {
    /// The identifier and type, such as `'2027' (EC P-384 ES384)`.
    var description: String {
        let kind = [kty, crv, alg].compactMap(\.self).joined(separator: " ")
        return kid.map { "'\($0)' (\(kind))" } ?? "one without 'kid' (\(kind))"
    }
}

extension Data {
    /// Decodes base64url without padding (RFC 4648, 5). Returns `nil` for any other text.
    init?(base64URL text: some StringProtocol) {
        func isAllowed(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard text.utf8.allSatisfy(isAllowed) else { return nil }
        var text = String(text).replacing("-", with: "+").replacing("_", with: "/")
        text += String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        self.init(base64Encoded: text)
    }

    /// Base64url without padding (RFC 4648, 5).
    var base64URL: String {
        base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
