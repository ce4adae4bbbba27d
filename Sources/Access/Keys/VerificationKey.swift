import Configuration
import Domain
import Foundation
import JWTKit

/// A key that verifies tokens of one algorithm.
///
/// It exists because `JWTKeyCollection` of jwt-kit refuses keys of a JWKS without `kid`, and verifies a token with an unknown
/// `kid` by its default key, whatever the algorithm.
struct VerificationKey: Sendable {
    private let algorithm: String
    /// The identifier (`kid`) by which tokens refer to the key; `nil` for none.
    private let id: String?
    private let key: any JWTAlgorithm

    private init(_ algorithm: String, id: String?, _ keys: JWTKeyCollection) async throws {
        self.algorithm = algorithm
        self.id = id
        key = try await keys.getKey()
    }

    /// The algorithm and identifier, such as `ES256 '2027'`.
    var name: String { id.map { "\(algorithm) '\($0)'" } ?? algorithm }

    /// Whether algorithm and identifier of a token match. An identifier that only one of the two has is ignored.
    func matches(_ token: CompactToken) -> Bool {
        token.algorithm == algorithm && (id == nil || token.keyID == nil || id == token.keyID)
    }

    /// Verifies the signature of a token, in constant time.
    func verifies(_ token: CompactToken) -> Bool {
        // Senders do not learn why a signature is invalid.
        (try? key.verify(token.signature, signs: token.signed)) == true
    }

    /// Returns a token with this payload, signed with the key.
    func sign(_ payload: JSON) throws -> String {
        let header: JSON = ["alg": .text(algorithm), "typ": "JWT"]
        let signed = [header, payload].map { Data($0.description.utf8).base64URL }.joined(separator: ".")
        return "\(signed).\(Data(try key.sign(Array(signed.utf8))).base64URL)"
    }

    // MARK: Files

    /// Reads the secret for HS256 in a file.
    ///
    /// - Throws: `MissingFile` or `DefinitionError`.
    static func secret(in file: URL) async throws -> Self {
        try await Self("HS256", id: nil, hmac(in: file))
    }

    /// Reads the public keys in a file, one key in PEM or a JWKS. Keys for other algorithms than ES256 and RS256 are reported
    /// as unusable.
    ///
    /// - Throws: `MissingFile` or `DefinitionError`.
    static func publicKeys(in file: URL) async throws -> (keys: [Self], unusable: UnusableKeys?) {
        let text = String(decoding: try contents(of: file), as: UTF8.self)
        let (keys, others) = (try? await text.contains("{") ? jwks(text) : ([pem(text)], [])) ?? ([], [])
        guard !keys.isEmpty else {
            throw DefinitionError(
                place: file.relativePath, reason: "holds no public key for ES256 or RS256, in PEM or as a JWKS")
        }
        return (keys, others.isEmpty ? nil : UnusableKeys(file: file.relativePath, keys: others.map(\.description)))
    }

    private static func pem(_ text: String) async throws -> Self {
        if let key = try? ES256PublicKey(pem: text) { return try await ecdsa(key, id: nil) }
        return try await rsa(try Insecure.RSA.PublicKey(pem: text), id: nil)
    }

    /// The keys of a set for ES256 and RS256, and others that may be meant for tokens.
    private static func jwks(_ text: String) async throws -> (keys: [Self], others: [JSONWebKey]) {
        var keys: [Self] = []
        var others: [JSONWebKey] = []
        for key in try JSONDecoder().decode(JSONWebKeySet.self, from: Data(text.utf8)).keys {
            if let ecdsa = key.es256 {
                keys.append(try await Self.ecdsa(ecdsa, id: key.kid))
            } else if let rsa = key.rs256 {
                keys.append(try await Self.rsa(rsa, id: key.kid))
            } else if key.isForSignatures {
                others.append(key)
            }
        }
        return (keys, others)
    }

    private static func ecdsa(_ key: ES256PublicKey, id: String?) async throws -> Self {
        try await Self("ES256", id: id, await JWTKeyCollection().add(ecdsa: key))
    }

    private static func rsa(_ key: Insecure.RSA.PublicKey, id: String?) async throws -> Self {
        try await Self("RS256", id: id, await JWTKeyCollection().add(rsa: key, digestAlgorithm: .sha256))
    }

    private static func hmac(in file: URL) async throws -> JWTKeyCollection {
        var bytes = try contents(of: file)
        // Editors append a line end.
        while let last = bytes.last, last == 10 || last == 13 { bytes.removeLast() }
        guard bytes.count >= 32 else {
            throw DefinitionError(
                place: file.relativePath, reason: "has fewer than 32 bytes; make one with 'openssl rand -hex 32'")
        }
        return await JWTKeyCollection().add(hmac: HMACKey(from: bytes), digestAlgorithm: .sha256)
    }

    private static func contents(of file: URL) throws -> Data {
        guard let bytes = FileManager.default.contents(atPath: file.path) else {
            throw MissingFile(path: file.relativePath, reason: "cannot be read; it must hold a key for tokens")
        }
        return bytes
    }
}
