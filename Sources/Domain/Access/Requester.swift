/// Who somebody is to us.
public enum Role: String, Codable, CaseIterable, Sendable {
    /// Sees and changes what is theirs.
    case patient
    /// Sees all diagnoses.
    case clinician
    /// Sees all, and manages.
    case admin
    /// Another program of the clinic.
    case service

    /// Whether they work for the clinic, and see what is of any patient.
    public var isStaff: Bool { self != .patient }
}

/// Somebody who asks for something, as their token says.
public struct Requester: Equatable, Sendable {
    /// Who it is, to those who issue tokens.
    public var subject: String
    /// What they may do.
    public var role: Role
    /// Which patient a patient is; `nil` for others.
    public var patient: PatientID?

    /// Somebody with a role.
    public init(subject: String, role: Role, patient: PatientID?) {
        self.subject = subject
        self.role = role
        self.patient = patient
    }

    /// Whether what belongs to a patient is theirs to see, and to give feedback on.
    public func owns(recordsOf owner: PatientID) -> Bool {
        role.isStaff || patient == owner
    }
}
