public import Domain
public import Foundation
import JWTKit
import Synchronization

/// Why a token is not accepted.
public enum TokenRefusal: String, Error, CaseIterable, Sendable {
    /// There was none.
    case missing = "a token is needed"
    /// It is no token, was tampered with, or was signed by somebody else.
    case invalid = "the token is not valid"
    /// Its time is over.
    case expired = "the token has expired"
    /// Its time has not come.
    case notYetValid = "the token is not valid yet"
    /// Somebody else issued it.
    case issuer = "the token is of another issuer"
    /// It is for somebody else.
    case audience = "the token is for another audience"
    /// It was revoked.
    case revoked = "the token was revoked"
    /// It does not allow this.
    case forbidden = "the token does not allow this"
}

/// The keys and rules by which tokens are known to be genuine.
public struct TokenKeys: Sendable {
    /// How far the clocks of those who issue tokens may be from ours.
    public static let leeway: TimeInterval = 30
    /// Longer ones are not looked at.
    private static let longest = 8192

    private let keys: JWTKeyCollection
    /// Tokens that were found genuine, for programs that show theirs with each request.
    private let known = KnownTokens()
    private let algorithms: Set<String>
    private let issuer: String?
    private let audience: String?
    private let now: @Sendable () -> Date

    /// Reads the keys that the settings name.
    ///
    /// - Throws: `MissingFile` where one cannot be read, `DefinitionError` where it holds no key, or where none is named.
    public init(_ settings: TokenSettings, now: @escaping @Sendable () -> Date = { Date() }) async throws {
        keys = JWTKeyCollection()
        issuer = settings.issuer
        audience = settings.audience
        self.now = now
        var algorithms: Set<String> = []
        if let file = settings.secretFile {
            let secret = try Self.secret(in: file)
            await keys.add(hmac: HMACKey(from: secret), digestAlgorithm: .sha256)
            algorithms.insert("HS256")
        }
        if let file = settings.publicKeyFile {
            try await Self.add(try Self.contents(of: file), of: file, to: keys)
            algorithms.formUnion(["ES256", "RS256"])
        }
        guard !algorithms.isEmpty else {
            throw DefinitionError(
                place: "settings", key: "token_secret_file",
                reason: "is missing; name a file with a secret of at least 32 bytes, or 'token_public_key'")
        }
        self.algorithms = algorithms
    }

    private static func contents(of file: URL) throws -> Data {
        guard let bytes = FileManager.default.contents(atPath: file.path) else {
            throw MissingFile(path: file.relativePath, reason: "cannot be read; it must hold a key for tokens")
        }
        return bytes
    }

    /// The bytes of a file without the line end that editors leave.
    private static func secret(in file: URL) throws -> Data {
        var bytes = try contents(of: file)
        while let last = bytes.last, last == 10 || last == 13 { bytes.removeLast() }
        guard bytes.count >= 32 else {
            throw DefinitionError(
                place: file.relativePath, reason: "has fewer than 32 bytes; make one with 'openssl rand -hex 32'")
        }
        return bytes
    }

    private static func add(_ bytes: Data, of file: URL, to keys: JWTKeyCollection) async throws {
        let text = String(decoding: bytes, as: UTF8.self)
        do {
            if text.contains("{") {
                try await keys.add(jwksJSON: text)
            } else if let key = try? ES256PublicKey(pem: text) {
                await keys.add(ecdsa: key)
            } else {
                await keys.add(rsa: try Insecure.RSA.PublicKey(pem: text), digestAlgorithm: .sha256)
            }
        } catch {
            throw DefinitionError(
                place: file.relativePath,
                reason: "holds no public key for ES256 or RS256 in PEM, and no JWKS whose keys have a 'kid'")
        }
    }

    /// What a genuine token says.
    ///
    /// - Throws: `TokenRefusal`. What is wrong with a token that is not genuine is not told.
    public func claims(of token: String) async throws(TokenRefusal) -> TokenClaims {
        guard !token.isEmpty else { throw .missing }
        let claims = try await genuineClaims(of: token)
        let now = now()
        guard now < claims.exp.value.addingTimeInterval(Self.leeway) else { throw .expired }
        if let start = claims.nbf?.value, now < start.addingTimeInterval(-Self.leeway) { throw .notYetValid }
        if let issued = claims.iat?.value, now < issued.addingTimeInterval(-Self.leeway) { throw .notYetValid }
        if let issuer, claims.iss?.value != issuer { throw .issuer }
        if let audience, claims.aud?.value.contains(audience) != true { throw .audience }
        guard claims.role != .patient || claims.patientID != nil else { throw .forbidden }
        return claims
    }

    private func genuineClaims(of token: String) async throws(TokenRefusal) -> TokenClaims {
        if let claims = known[token] { return claims }
        guard token.utf8.count <= Self.longest, let algorithm = Self.algorithm(of: token),
            algorithms.contains(algorithm),
            let claims = try? await keys.verify(token, as: TokenClaims.self, iteratingKeys: true)
        else { throw .invalid }
        known[token] = claims
        return claims
    }

    /// The algorithm that a token says it was signed with.
    private static func algorithm(of token: String) -> String? {
        struct Header: Decodable { var alg: String }
        var header = token.prefix { $0 != "." }.replacing("-", with: "+").replacing("_", with: "/")
        while header.count % 4 != 0 { header += "=" }
        return Data(base64Encoded: String(header)).flatMap { try? JSONDecoder().decode(Header.self, from: $0).alg }
    }

    /// Signs a token with the secret, for trying things out.
    ///
    /// - Throws: `DefinitionError` where there is no secret.
    public static func sign(_ claims: TokenClaims, with settings: TokenSettings) async throws -> String {
        guard let file = settings.secretFile else {
            throw DefinitionError(
                place: "settings", key: "token_secret_file", reason: "is missing; tokens are signed with a secret here")
        }
        var claims = claims
        claims.iss = settings.issuer.map { IssuerClaim(value: $0) }
        claims.aud = settings.audience.map { AudienceClaim(value: $0) }
        return try await JWTKeyCollection().add(
            hmac: HMACKey(from: try secret(in: file)), digestAlgorithm: .sha256
        ).sign(claims)
    }
}

/// Remembers what tokens say whose signature was checked. Times and revocations are looked at each time all the same.
private final class KnownTokens: Sendable {
    private static let most = 1000
    private let claims = Mutex<[String: TokenClaims]>([:])

    subscript(token: String) -> TokenClaims? {
        get { claims.withLock { $0[token] } }
        set {
            claims.withLock { claims in
                if claims.count >= Self.most { claims.removeAll() }
                claims[token] = newValue
            }
        }
    }
}
