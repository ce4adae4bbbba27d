public import Configuration
import Domain
public import Foundation
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

/// Keys of a JWKS that may be meant for tokens and are of no use here.
public struct PassedOverKeys: Error, Equatable, CustomStringConvertible {
    /// The file that holds them.
    public let file: String
    /// What each is called, and its kind.
    public let keys: [String]

    /// One line for operators.
    public var description: String {
        """
        \(file): tokens signed with \(keys.joined(separator: ", ")) are refused; a key must be of P-256 for ES256, or RSA of \
        at least 2048 bits for RS256
        """
    }
}

/// The keys and rules by which tokens are known to be genuine.
public final class TokenKeys: Sendable {
    /// How far the clocks of those who issue tokens may be from ours.
    public static let leeway: TimeInterval = 30
    /// What was read from the files.
    private struct KeySet {
        var keys: [VerificationKey] = []
        var passedOver: PassedOverKeys?
        /// Tokens that were found genuine, for programs that show theirs with each request.
        let known = KnownTokens()
        /// The files as they were.
        var versions: [FileVersion?]
    }

    private let settings: TokenSettings
    private let now: @Sendable () -> Date
    private let current: Mutex<KeySet>

    /// Reads the keys that the settings name.
    ///
    /// - Throws: `MissingFile` where one cannot be read, `DefinitionError` where it holds no key, or where none is named.
    public init(_ settings: TokenSettings, now: @escaping @Sendable () -> Date = { Date() }) async throws {
        self.settings = settings
        self.now = now
        current = Mutex(try await Self.read(settings))
    }

    /// The keys that are known, such as `HS256, ES256 '2027'`.
    public var names: String { current.withLock { $0.keys.map(\.name).joined(separator: ", ") } }

    /// What of the files is of no use; `nil` where all is.
    public var passedOver: PassedOverKeys? { current.withLock(\.passedOver) }

    /// Reads the keys again where a file has changed: what is signed with a new one counts from then on, and what is signed
    /// with one that is gone counts no longer.
    ///
    /// - Returns: whether they were read.
    /// - Throws: as `init` does, once for each change; the keys that were known stay then.
    func refresh() async throws -> Bool {
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
        // What changes while it is read is read again.
        var set = KeySet(versions: versions(settings))
        if let file = settings.secretFile { set.keys.append(try await .secret(in: file)) }
        if let file = settings.publicKeyFile {
            let read = try await VerificationKey.publicKeys(in: file)
            set.keys += read.keys
            set.passedOver = read.passedOver
        }
        guard !set.keys.isEmpty else {
            throw DefinitionError(
                place: "settings", key: "token_secret_file",
                reason: "is missing; name a file with a secret of at least 32 bytes, or 'token_public_key'")
        }
        return set
    }

    /// What a genuine token says.
    ///
    /// - Throws: `TokenRefusal`. What is wrong with a token that is not genuine is not told.
    public func claims(of token: String) throws(TokenRefusal) -> TokenClaims {
        guard !token.isEmpty else { throw .missing }
        let claims = try genuineClaims(of: token)
        let now = now()
        guard now < claims.expires.addingTimeInterval(Self.leeway) else { throw .expired }
        if let start = claims.notBefore, now < start.addingTimeInterval(-Self.leeway) { throw .notYetValid }
        if let issued = claims.issuedAt, now < issued.addingTimeInterval(-Self.leeway) { throw .notYetValid }
        if let issuer = settings.issuer, claims.issuer != issuer { throw .issuer }
        if let audience = settings.audience, !claims.audiences.contains(audience) { throw .audience }
        guard claims.role != .patient || claims.patient != nil else { throw .forbidden }
        return claims
    }

    private func genuineClaims(of token: String) throws(TokenRefusal) -> TokenClaims {
        let set = current.withLock { $0 }
        if let claims = set.known[token] { return claims }
        guard let compact = CompactToken(token) else { throw .invalid }
        guard set.keys.contains(where: { $0.fits(compact) && $0.verifies(compact) }),
            var claims = TokenClaims(compact.payload)
        else { throw .invalid }
        if let most = settings.maxAge {
            // It ends that long after it was issued, however long it says; without `iat` its age is not known.
            guard let issued = claims.issuedAt else { throw .invalid }
            claims.expires = min(claims.expires, issued.addingTimeInterval(TimeInterval(most)))
        }
        set.known[token] = claims
        return claims
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
        claims.issuer = settings.issuer
        claims.audiences = settings.audience.map { [$0] } ?? []
        return try await VerificationKey.secret(in: file).sign(claims.payload)
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

/// By what it shows that a file has changed.
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
