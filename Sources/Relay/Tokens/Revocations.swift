import Domain
import Foundation
import Store

/// What is remembered of a connection's token.
struct TokenHolder: Sendable {
    let subject: String
    let id: String?
    let issuedAt: Instant?
    /// When it ends, with what clocks may be apart.
    let expires: Instant
    /// Whose messages it receives.
    let audience: Delta.Audience

    init(_ claims: TokenClaims) {
        audience = claims.role.isStaff ? .staff : .patient
        subject = claims.subject
        id = claims.id
        issuedAt = claims.issuedAt.map { Instant($0) }
        expires = Instant(claims.expires.addingTimeInterval(TokenKeys.leeway))
    }
}

extension Instant {
    init(_ date: Date) {
        // Dates beyond all centuries are as good as never.
        self.init(microseconds: Int64(min(max(date.timeIntervalSince1970, -1e12), 1e12) * 1e6))
    }
}

/// Tokens that count no longer.
struct Revocations: Sendable {
    private var ids: Set<String> = []
    private var subjects: [String: Instant] = [:]
    /// All tokens issued until then are revoked; `nil` where there is no such instant.
    private var everyone: Instant?
    /// The number of the newest that is known.
    private(set) var last: Int64 = 0

    mutating func add(_ revoked: [RevokedTokens], last: Int64) {
        for tokens in revoked {
            switch tokens {
            case .token(let id): ids.insert(id)
            case .subject(let subject, let until): subjects[subject] = max(subjects[subject] ?? until, until)
            case .everyone(let until): everyone = max(everyone ?? until, until)
            }
        }
        self.last = last
    }

    /// Whether a token was revoked. One that does not say when it was issued counts as issued before, and so does one that
    /// an issuer whose clock is ahead may have issued before.
    func contains(_ holder: TokenHolder) -> Bool {
        if let id = holder.id, ids.contains(id) { return true }
        let covered = subjects[holder.subject].map { $0.microseconds + Int64(TokenKeys.leeway * 1_000_000) }
        guard let until = [covered, everyone?.microseconds].compactMap(\.self).max() else { return false }
        return holder.issuedAt.map { $0.microseconds <= until } ?? true
    }
}
