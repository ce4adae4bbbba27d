public import Domain
public import Foundation

/// The claims of a token (RFC 7519, 4.1).
public struct TokenClaims: Equatable, Sendable {
    /// The account (`sub`): 1 to 255 characters.
    public var subject: String
    /// The role, which decides what the requester may do.
    public var role: Role
    /// The patient (`patient_id`) of the role `patient`; `nil` for other roles.
    public var patient: PatientID?
    /// The end of its validity (`exp`).
    public var expires: Date
    /// The start of its validity (`nbf`).
    public var notBefore: Date?
    /// When it was issued (`iat`).
    public var issuedAt: Date?
    /// The id by which it can be revoked (`jti`).
    public var id: String?
    /// The issuer (`iss`).
    public var issuer: String?
    /// The audiences (`aud`); empty for none.
    public var audiences: [String] = []

    /// Claims of a new token.
    ///
    /// - Parameter lifetime: seconds until it expires.
    public init(subject: String, role: Role, patient: PatientID?, issuedAt: Date, lifetime: TimeInterval, id: String) {
        self.subject = subject
        self.role = role
        self.patient = patient
        self.issuedAt = issuedAt
        self.id = id
        expires = issuedAt.addingTimeInterval(lifetime)
    }

    /// The requester that the token authenticates.
    public var requester: Requester { Requester(subject: subject, role: role, patient: patient) }
}

extension TokenClaims {
    /// Reads the claims of a payload; unknown ones are ignored.
    ///
    /// - Returns: `nil` if a required claim is missing, a claim has the wrong type, or a text has control characters, which
    ///   logs and the database would truncate or misread.
    init?(_ payload: JSON) {
        do {
            guard let subject = try payload.text("sub"), !subject.isEmpty,
                subject.unicodeScalars.count <= NetworkLimits.subject,
                let role = try payload.text("role").flatMap(Role.init), let expires = try payload.date("exp")
            else { return nil }
            self.subject = subject
            self.role = role
            self.expires = expires
            notBefore = try payload.date("nbf")
            issuedAt = try payload.date("iat")
            id = try payload.text("jti")
            issuer = try payload.text("iss")
            audiences = try payload.texts("aud")
            patient = role == .patient ? try payload.patient() : nil
        } catch {
            return nil
        }
    }

    /// The claims as a payload.
    var payload: JSON {
        var members: [JSON.Member] = []
        func add(_ name: String, _ value: JSON?) {
            if let value { members.append(JSON.Member(name: name, value: value)) }
        }
        func seconds(_ date: Date?) -> JSON? { date.map { .integer(Int64($0.timeIntervalSince1970.rounded(.down))) } }
        add("sub", .text(subject))
        add("role", .text(role.rawValue))
        add("patient_id", patient.map { JSON($0) })
        add("exp", seconds(expires))
        add("nbf", seconds(notBefore))
        add("iat", seconds(issuedAt))
        add("jti", id.map { .text($0) })
        add("iss", issuer.map { .text($0) })
        add("aud", audiences.isEmpty ? nil : JSON(audiences.map { .text($0) }))
        return .object(members)
    }
}

/// A claim is of the wrong type, or out of range.
private struct InvalidClaim: Error {}

extension JSON {
    /// The value of a claim; `nil` if it is missing or `null`.
    private func claim(_ name: String) -> JSON? { self[name].flatMap { $0 == .null ? nil : $0 } }

    fileprivate func text(_ name: String) throws(InvalidClaim) -> String? {
        guard let claim = claim(name) else { return nil }
        guard let text = claim.string, !text.hasControlCharacters else { throw InvalidClaim() }
        return text
    }

    /// A text, or a list of texts; empty if it is missing.
    fileprivate func texts(_ name: String) throws(InvalidClaim) -> [String] {
        guard case .array(let entries)? = claim(name) else { return try text(name).map { [$0] } ?? [] }
        var texts: [String] = []
        for entry in entries {
            guard let text = entry.string, !text.hasControlCharacters else { throw InvalidClaim() }
            texts.append(text)
        }
        return texts
    }

    /// A date in seconds since 1970, possibly fractional.
    fileprivate func date(_ name: String) throws(InvalidClaim) -> Date? {
        guard let claim = claim(name) else { return nil }
        guard let seconds = claim.decimalNumber else { throw InvalidClaim() }
        return Date(timeIntervalSince1970: seconds)
    }

    fileprivate func patient() throws(InvalidClaim) -> PatientID? {
        guard let claim = claim("patient_id") else { return nil }
        guard let number = claim.wholeNumber, (1...PatientID.largest).contains(number) else { throw InvalidClaim() }
        return PatientID(rawValue: number)
    }
}
