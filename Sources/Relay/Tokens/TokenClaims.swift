public import Domain
public import Foundation
public import JWTKit

/// What a token says.
public struct TokenClaims: JWTPayload, Equatable {
    /// Who it stands for.
    public var sub: SubjectClaim
    /// What they may do.
    public var role: Role
    /// Which patient a patient is.
    public var patientID: Int64?
    /// From when on it counts no longer.
    public var exp: ExpirationClaim
    /// Until when it does not count yet.
    public var nbf: NotBeforeClaim?
    /// When it was issued.
    public var iat: IssuedAtClaim?
    /// Its id, by which it can be revoked.
    public var jti: IDClaim?
    /// Who issued it.
    public var iss: IssuerClaim?
    /// Whom it is for.
    public var aud: AudienceClaim?

    enum CodingKeys: String, CodingKey {
        case sub, role, exp, nbf, iat, jti, iss, aud
        case patientID = "patient_id"
    }

    /// Claims of a token that is issued now.
    public init(subject: String, role: Role, patient: PatientID?, issuedAt: Date, lifetime: TimeInterval, id: String) {
        sub = SubjectClaim(value: subject)
        self.role = role
        patientID = patient?.rawValue
        exp = ExpirationClaim(value: issuedAt.addingTimeInterval(lifetime))
        iat = IssuedAtClaim(value: issuedAt)
        jti = IDClaim(value: id)
    }

    /// Who they make somebody.
    public var requester: Requester {
        Requester(
            subject: sub.value, role: role, patient: role == .patient ? patientID.map(PatientID.init(rawValue:)) : nil)
    }

    /// Checks that no text contains control characters, which would be cut off or misread where it is stored and logged. Times
    /// are checked by `TokenKeys`, which knows how far clocks may be apart.
    public func verify(using algorithm: some JWTAlgorithm) throws {
        let texts = [sub.value, jti?.value, iss?.value].compactMap(\.self) + (aud?.value ?? [])
        guard !texts.contains(where: \.hasControlCharacters) else {
            throw JWTError.claimVerificationFailure(failedClaim: nil, reason: "a claim contains control characters")
        }
    }
}
