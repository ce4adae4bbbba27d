public import Store
import Synchronization

/// Authenticates requests by their token: a key of the clinic must verify it, its claims must be valid now, and it must not
/// be revoked.
public final class TokenAuthenticator: Sendable {
    private let keys: TokenKeys
    private let database: any TokenRevocations
    private let known = Mutex(Revocations())

    /// Reads the revocations of a database. Blocks.
    ///
    /// - Throws: `StoreError`.
    public init(keys: TokenKeys, database: any TokenRevocations) throws {
        self.keys = keys
        self.database = database
        _ = try readRevocations()
    }

    /// The claims of a valid token. Does not block.
    public func claims(of token: String) throws(TokenRefusal) -> TokenClaims {
        let claims = try keys.claims(of: token)
        guard !revocations.contains(TokenHolder(claims)) else { throw .revoked }
        return claims
    }

    /// The revocations that were read.
    package var revocations: Revocations { known.withLock { $0 } }

    /// Reads revocations that were added since the last call. Blocks. Must not be called concurrently with itself.
    ///
    /// - Returns: whether there are any.
    /// - Throws: `StoreError`; the next call tries again.
    package func readRevocations() throws -> Bool {
        let (revoked, last) = try database.revocations(after: revocations.last)
        guard !revoked.isEmpty else { return false }
        known.withLock { $0.add(revoked, last: last) }
        return true
    }

    /// Keys that cannot verify any token; `nil` for none.
    package var unusableKeys: UnusableKeys? { keys.unusable }

    /// Reads keys again if their files changed.
    ///
    /// - Throws: what `TokenKeys.refresh()` throws, or `UnusableKeys` if some of the new keys are.
    package func refreshKeys() async throws {
        if try await keys.refresh(), let unusable = keys.unusable { throw unusable }
    }
}
