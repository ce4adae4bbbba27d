package import Domain
import Foundation

/// The claims of a token that a long-lived connection keeps, to end when the token expires or is revoked.
package struct TokenHolder: Sendable {
    let subject: String
    let id: String?
    let issuedAt: Instant?
    /// The end of its validity, with the leeway for clocks.
    package let expires: Instant
    /// The messages that the holder may receive.
    package let audience: Delta.Audience

    package init(_ claims: TokenClaims) {
        audience = claims.role.isStaff ? .staff : .patient
        subject = claims.subject
        id = claims.id
        issuedAt = claims.issuedAt.map { Instant($0) }
        expires = Instant(claims.expires.addingTimeInterval(TokenKeys.leeway))
    }
}

extension Instant {
    fileprivate init(_ date: Date) {
        // Dates beyond all centuries are clamped, as they count as never.
        self.init(microseconds: Int64(min(max(date.timeIntervalSince1970, -1e12), 1e12) * 1e6))
    }
}
