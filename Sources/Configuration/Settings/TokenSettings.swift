public import Foundation

/// How tokens are known to be genuine.
public struct TokenSettings: Sendable, Equatable {
    /// The file with the secret for HS256.
    public var secretFile: URL?
    /// The file with a public key for ES256 or RS256, in PEM or as a JWKS.
    public var publicKeyFile: URL?
    /// Who must have issued them; `nil` for anyone.
    public var issuer: String?
    /// Whom they must be for; `nil` for anyone.
    public var audience: String?
    /// Seconds after its `iat` for which a token is accepted at most, whatever its `exp`: 1…315,360,000; `nil` for no limit.
    public var maxAge: Int?

    /// No keys yet.
    public init() {}
}
