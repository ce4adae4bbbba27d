import Domain

/// That a requester may see exact figures of all patients.
///
/// Whatever reads exact figures asks for one, and there is none for a patient: so no handler can show them to patients by
/// mistake.
struct StaffAccess: Sendable {
    /// Who asks.
    let requester: Requester

    /// `nil` for a patient.
    init?(_ requester: Requester) {
        guard requester.role.isStaff else { return nil }
        self.requester = requester
    }
}
