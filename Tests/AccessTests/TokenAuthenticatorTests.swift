import Access
import Configuration
import Domain
import Foundation
import Store
import StoreSQLite
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30))) struct TokenAuthenticatorTests {
    private let folder: TemporaryFolder
    private let database: any ClinicStore
    private let settings: TokenSettings
    private let issued = Date(timeIntervalSince1970: 1_790_000_000)

    init() throws {
        folder = try TemporaryFolder()
        database = try openDatabase(at: folder.path("clinic.db"), create: true)
        var settings = TokenSettings()
        settings.secretFile = URL(filePath: try folder.write("0123456789abcdef0123456789abcdef\n", to: "secret"))
        self.settings = settings
    }

    /// A token of a clinician that is valid for an hour.
    private func token(
        subject: String = "dr", id: String = "1", lifetime: TimeInterval = 3600,
        _ change: (inout TokenClaims) -> Void = { _ in }
    ) async throws -> String {
        var claims = TokenClaims(
            subject: subject, role: .clinician, patient: nil, issuedAt: issued, lifetime: lifetime, id: id)
        change(&claims)
        return try await TokenKeys.sign(claims, with: settings)
    }

    /// An authenticator whose clock shows `seconds` after the tokens were issued.
    private func authenticator(after seconds: TimeInterval = 60, _ settings: TokenSettings? = nil) async throws
        -> TokenAuthenticator
    {
        let now = issued.addingTimeInterval(seconds)
        return try TokenAuthenticator(
            keys: try await TokenKeys(settings ?? self.settings, now: { now }), database: database)
    }

    @Test("returns the claims of a valid token")
    func validToken() async throws {
        let claims = try await authenticator().claims(of: token())
        #expect(claims.requester == Requester(subject: "dr", role: .clinician, patient: nil))
        #expect(claims.id == "1")
        #expect(claims.expires == issued.addingTimeInterval(3600))
    }

    @Test("refuses missing, malformed and altered tokens")
    func invalidTokens() async throws {
        let authenticator = try await authenticator()
        #expect(throws: TokenRefusal.missing) { try authenticator.claims(of: "") }
        let parts = try await token().split(separator: ".").map(String.init)
        let other = try await token(subject: "admin").split(separator: ".").map(String.init)
        for text in ["x", "a.b.c", parts[0] + "." + other[1] + "." + parts[2], parts[0] + "." + parts[1] + "."] {
            #expect(throws: TokenRefusal.invalid, "\(text)") { try authenticator.claims(of: text) }
        }
    }

    @Test(
        "accepts a token for its lifetime, with 30 seconds for clocks that differ",
        arguments: [
            (-31.0, TokenRefusal.notYetValid), (-30, nil), (0, nil), (3600, nil), (3629, nil), (3630, .expired),
        ])
    func lifetime(seconds: TimeInterval, refusal: TokenRefusal?) async throws {
        let authenticator = try await authenticator(after: seconds)
        let token = try await token()
        if let refusal {
            #expect(throws: refusal) { try authenticator.claims(of: token) }
        } else {
            #expect(throws: Never.self) { try authenticator.claims(of: token) }
        }
    }

    @Test("limits the age of tokens")
    func maxAge() async throws {
        var limited = settings
        limited.maxAge = 60
        let old = try await authenticator(after: 91, limited)
        let token = try await token()
        #expect(throws: TokenRefusal.expired) { try old.claims(of: token) }
        let withoutIssueTime = try await self.token { $0.issuedAt = nil }
        #expect(throws: TokenRefusal.invalid) { try old.claims(of: withoutIssueTime) }
    }

    @Test("refuses other issuers and audiences")
    func issuerAndAudience() async throws {
        let token = try await token()
        var demanding = settings
        demanding.issuer = "clinic"
        let authenticator = try await authenticator(demanding)
        #expect(throws: TokenRefusal.issuer) { try authenticator.claims(of: token) }
        demanding.issuer = nil
        demanding.audience = "avicenna"
        let other = try await self.authenticator(demanding)
        #expect(throws: TokenRefusal.audience) { try other.claims(of: token) }
    }

    @Test("refuses patients without a patient id")
    func patientWithoutID() async throws {
        let token = try await token { $0.role = .patient }
        let authenticator = try await authenticator()
        #expect(throws: TokenRefusal.forbidden) { try authenticator.claims(of: token) }
    }

    @Test(
        "refuses revoked tokens once revocations are read",
        arguments: [
            RevokedTokens.token(id: "1"), .subject("dr", issuedUntil: Instant(seconds: 1_790_000_000)),
            .everyone(issuedUntil: Instant(seconds: 1_790_000_000)),
        ])
    func revocation(of revoked: RevokedTokens) async throws {
        let authenticator = try await authenticator()
        let token = try await token()
        #expect(try authenticator.readRevocations() == false)
        try database.revoke(revoked, at: Instant(seconds: 1_790_000_050))
        #expect(throws: Never.self) { try authenticator.claims(of: token) }
        #expect(try authenticator.readRevocations())
        #expect(throws: TokenRefusal.revoked) { try authenticator.claims(of: token) }
        // Known from the beginning to one that starts later.
        let later = try await self.authenticator()
        #expect(throws: TokenRefusal.revoked) { try later.claims(of: token) }
        let other = try await self.token(subject: "other", id: "2") { $0.issuedAt = issued.addingTimeInterval(40) }
        #expect(throws: Never.self) { try later.claims(of: other) }
    }
}
