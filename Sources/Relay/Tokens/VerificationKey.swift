import Domain
import Foundation
import JWTKit

/// A key by which tokens of one algorithm are known to be genuine.
struct VerificationKey: Sendable {
    /// What a token says of the key that it was signed with.
    struct Header: Decodable {
        var alg: String
        var kid: String?

        /// `nil` where it is no token.
        init?(of token: String) {
            guard let data = Data(base64URL: token.prefix { $0 != "." }),
                let header = try? JSONDecoder().decode(Self.self, from: data)
            else { return nil }
            self = header
        }
    }

    private let algorithm: String
    /// The name by which tokens may refer to it.
    private let id: String?
    private let keys: JWTKeyCollection

    private init(_ algorithm: String, id: String?, _ keys: JWTKeyCollection) {
        self.algorithm = algorithm
        self.id = id
        self.keys = keys
    }

    /// What operators know it by, such as `ES256 '2027'`.
    var name: String { id.map { "\(algorithm) '\($0)'" } ?? algorithm }

    /// Whether a token can be signed with it. A name that only one of the two has says nothing.
    func fits(_ header: Header) -> Bool {
        header.alg == algorithm && (id == nil || header.kid == nil || id == header.kid)
    }

    /// What a token says that was signed with it; `nil` where it was not.
    func claims(of token: String) async -> TokenClaims? {
        // Why it is not genuine is nothing to those who bring it.
        try? await keys.verify(token, as: TokenClaims.self)
    }

    // MARK: Files

    /// HS256 with the secret in a file.
    static func secret(in file: URL) async throws -> Self {
        Self("HS256", id: nil, try await hmac(in: file))
    }

    /// The keys in a file, a public key in PEM or a JWKS, of which those for other algorithms than ES256 and RS256 are passed
    /// over.
    ///
    /// - Throws: `MissingFile` or `DefinitionError`.
    static func publicKeys(in file: URL) async throws -> (keys: [Self], passedOver: PassedOverKeys?) {
        let text = String(decoding: try contents(of: file), as: UTF8.self)
        let (keys, others) = (try? await text.contains("{") ? jwks(text) : ([pem(text)], [])) ?? ([], [])
        guard !keys.isEmpty else {
            throw DefinitionError(
                place: file.relativePath, reason: "holds no public key for ES256 or RS256, in PEM or as a JWKS")
        }
        return (keys, others.isEmpty ? nil : PassedOverKeys(file: file.relativePath, keys: others.map(\.description)))
    }

    private static func pem(_ text: String) async throws -> Self {
        if let key = try? ES256PublicKey(pem: text) { return await ecdsa(key, id: nil) }
        return await rsa(try Insecure.RSA.PublicKey(pem: text), id: nil)
    }

    /// The keys of a set that are of use here, and others that may be meant for tokens.
    private static func jwks(_ text: String) async throws -> (keys: [Self], others: [JSONWebKey]) {
        var keys: [Self] = []
        var others: [JSONWebKey] = []
        for key in try JSONDecoder().decode(JSONWebKeySet.self, from: Data(text.utf8)).keys {
            if let ecdsa = key.es256 {
                keys.append(await Self.ecdsa(ecdsa, id: key.kid))
            } else if let rsa = key.rs256 {
                keys.append(await Self.rsa(rsa, id: key.kid))
            } else if key.isForSignatures {
                others.append(key)
            }
        }
        return (keys, others)
    }

    private static func ecdsa(_ key: ES256PublicKey, id: String?) async -> Self {
        Self("ES256", id: id, await JWTKeyCollection().add(ecdsa: key))
    }

    private static func rsa(_ key: Insecure.RSA.PublicKey, id: String?) async -> Self {
        Self("RS256", id: id, await JWTKeyCollection().add(rsa: key, digestAlgorithm: .sha256))
    }

    /// What signs and verifies with the secret in a file.
    static func hmac(in file: URL) async throws -> JWTKeyCollection {
        var bytes = try contents(of: file)
        // Without the line end that editors leave.
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
