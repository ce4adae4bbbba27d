public import Foundation

/// The keys and rules by which tokens are verified.
public struct TokenSettings: Sendable, Equatable {
    /// The file with the secret for HS256.
    public var secretFile: URL?
    /// The file with a public key for ES256 or RS256, in PEM or as a JWKS.
    public var publicKeyFile: URL?
    /// The required issuer (`iss`); `nil` for any.
    public var issuer: String?
    /// The required audience (`aud`); `nil` for any.
    public var audience: String?
    /// Maximum age of a token in seconds after its `iat`, in addition to `exp`: 1…315,360,000; `nil` for no limit.
    public var maxAge: Int?

    /// No keys.
    public init() {}
}
