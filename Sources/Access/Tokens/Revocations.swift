import Domain
import Store

/// Revoked tokens, as far as they are known.
package struct Revocations: Sendable {
    private var ids: Set<String> = []
    private var subjects: [String: Instant] = [:]
    /// All tokens issued up to this instant are revoked; `nil` for none.
    private var everyone: Instant?
    /// The number of the newest known revocation.
    private(set) var last: Int64 = 0

    init() {}

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

    /// Whether a token is revoked. A token without `iat` counts as issued before every revocation; one whose `iat` is within
    /// the leeway after a revocation of its subject counts as issued before it, since the clock of its issuer may be ahead.
    package func contains(_ holder: TokenHolder) -> Bool {
        if let id = holder.id, ids.contains(id) { return true }
        let covered = subjects[holder.subject].map { $0.microseconds + Int64(TokenKeys.leeway * 1_000_000) }
        guard let until = [covered, everyone?.microseconds].compactMap(\.self).max() else { return false }
        return holder.issuedAt.map { $0.microseconds <= until } ?? true
    }
}
