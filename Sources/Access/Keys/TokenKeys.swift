public import Configuration
import Domain
public import Foundation
import Synchronization

/// The keys and rules of the settings that verify tokens.
public final class TokenKeys: Sendable {
    /// The tolerated difference between the clocks of issuers and of this server, in seconds.
    public static let leeway: TimeInterval = 30
    /// The content of the key files.
    private struct KeySet {
        var keys: [VerificationKey] = []
        var unusable: UnusableKeys?
        /// Saves verifying the signature of a token again that comes with many requests.
        let verified = VerifiedTokens()
        /// The versions of the files that were read.
        var versions: [FileVersion?]
    }

    private let settings: TokenSettings
    private let now: @Sendable () -> Date
    private let current: Mutex<KeySet>

    /// Reads the key files of the settings.
    ///
    /// - Throws: `MissingFile` if a file cannot be read; `DefinitionError` if it holds no key, or the settings name no file.
    public init(_ settings: TokenSettings, now: @escaping @Sendable () -> Date = { Date() }) async throws {
        self.settings = settings
        self.now = now
        current = Mutex(try await Self.read(settings))
    }

    /// The names of the keys, such as `HS256, ES256 '2027'`.
    public var names: String { current.withLock { $0.keys.map(\.name).joined(separator: ", ") } }

    /// Keys in the files that cannot verify any token; `nil` for none.
    public var unusable: UnusableKeys? { current.withLock(\.unusable) }

    /// Reads the keys again if a file changed. Tokens signed with a new key are accepted from then on, and those signed with
    /// a removed key are refused.
    ///
    /// - Returns: whether the keys were read.
    /// - Throws: what `init` throws, once for each change; the previous keys stay in use then.
    package func refresh() async throws -> Bool {
        let versions = Self.versions(settings)
        guard current.withLock({ $0.versions != versions }) else { return false }
        do {
            let read = try await Self.read(settings)
            current.withLock { $0 = read }
            return true
        } catch {
            current.withLock { $0.versions = versions }
            throw error
        }
    }

    private static func versions(_ settings: TokenSettings) -> [FileVersion?] {
        [settings.secretFile, settings.publicKeyFile].map { $0.flatMap(FileVersion.init) }
    }

    private static func read(_ settings: TokenSettings) async throws -> KeySet {
        // Taken before reading, so that a change during reading causes another refresh.
        var set = KeySet(versions: versions(settings))
        if let file = settings.secretFile { set.keys.append(try await .secret(in: file)) }
        if let file = settings.publicKeyFile {
            let read = try await VerificationKey.publicKeys(in: file)
            set.keys += read.keys
            set.unusable = read.unusable
        }
        guard !set.keys.isEmpty else {
            throw DefinitionError(
                place: "settings", key: "token_secret_file",
                reason: "is missing; name a file with a secret of at least 32 bytes, or 'token_public_key'")
        }
        return set
    }

    /// The claims of a token that a key verifies and that is valid now. Revocations are not considered.
    ///
    /// - Throws: `TokenRefusal`; all reasons for which a signature is invalid are one.
    public func claims(of token: String) throws(TokenRefusal) -> TokenClaims {
        guard !token.isEmpty else { throw .missing }
        let claims = try verifiedClaims(of: token)
        let now = now()
        guard now < claims.expires.addingTimeInterval(Self.leeway) else { throw .expired }
        if let start = claims.notBefore, now < start.addingTimeInterval(-Self.leeway) { throw .notYetValid }
        if let issued = claims.issuedAt, now < issued.addingTimeInterval(-Self.leeway) { throw .notYetValid }
        if let issuer = settings.issuer, claims.issuer != issuer { throw .issuer }
        if let audience = settings.audience, !claims.audiences.contains(audience) { throw .audience }
        guard claims.role != .patient || claims.patient != nil else { throw .forbidden }
        return claims
    }

    private func verifiedClaims(of token: String) throws(TokenRefusal) -> TokenClaims {
        let set = current.withLock { $0 }
        if let claims = set.verified[token] { return claims }
        guard let compact = CompactToken(token) else { throw .invalid }
        guard set.keys.contains(where: { $0.matches(compact) && $0.verifies(compact) }),
            var claims = TokenClaims(compact.payload)
        else { throw .invalid }
        if let maxAge = settings.maxAge {
            // Without `iat` the age of a token is unknown.
            guard let issued = claims.issuedAt else { throw .invalid }
            claims.expires = min(claims.expires, issued.addingTimeInterval(TimeInterval(maxAge)))
        }
        set.verified[token] = claims
        return claims
    }

    /// Signs a token with the secret of the settings, for tests and first steps.
    ///
    /// - Throws: `DefinitionError` if the settings name no secret.
    public static func sign(_ claims: TokenClaims, with settings: TokenSettings) async throws -> String {
        guard let file = settings.secretFile else {
            throw DefinitionError(
                place: "settings", key: "token_secret_file", reason: "is missing; tokens are signed with a secret here")
        }
        var claims = claims
        claims.issuer = settings.issuer
        claims.audiences = settings.audience.map { [$0] } ?? []
        return try await VerificationKey.secret(in: file).sign(claims.payload)
    }
}

/// Caches the claims of tokens whose signature was verified. Times and revocations are checked for each request.
private final class VerifiedTokens: Sendable {
    private static let maxCount = 1000
    private let claims = Mutex<[String: TokenClaims]>([:])

    subscript(token: String) -> TokenClaims? {
        get { claims.withLock { $0[token] } }
        set {
            claims.withLock { claims in
                if claims.count >= Self.maxCount { claims.removeAll() }
                claims[token] = newValue
            }
        }
    }
}

/// Identifies the content of a file by its status.
private struct FileVersion: Equatable {
    private let device: UInt64
    private let number: UInt64
    private let size: Int64
    private let modified: [Int]

    init?(_ file: URL) {
        var found = stat()
        guard stat(file.path, &found) == 0 else { return nil }
        device = UInt64(found.st_dev)
        number = UInt64(found.st_ino)
        size = Int64(found.st_size)
        modified = [found.st_mtim.tv_sec, found.st_mtim.tv_nsec]
    }
}
