public import Domain

/// Revoked tokens.
public protocol TokenRevocations: Sendable {
    /// Revokes tokens, with an entry in the audit log.
    func revoke(_ tokens: RevokedTokens, at now: Instant) throws
    /// Revocations after a number, in order, and the number of the last one.
    func revocations(after number: Int64) throws -> (revoked: [RevokedTokens], last: Int64)
}

/// Tokens that are no longer accepted.
public enum RevokedTokens: Equatable, Sendable {
    /// The token with an id.
    case token(id: String)
    /// All tokens of a subject that were issued up to an instant.
    case subject(String, issuedUntil: Instant)
    /// All tokens that were issued up to an instant, whatever their subject.
    case everyone(issuedUntil: Instant)
}
