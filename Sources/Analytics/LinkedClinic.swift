public import Domain

/// A clinic with what belongs to what: found once, and shared by the stages.
public struct LinkedClinic: Sendable {
    /// The columns.
    public let clinic: Clinic
    /// The cases of each recommendation, by position.
    let cases: Groups
    /// The recommendations of each diagnosis, by position.
    let recommendations: Groups
    /// The diagnoses of each patient, by position.
    let diagnoses: Groups

    /// Finds what belongs to what.
    public init(_ clinic: Clinic) {
        self.clinic = clinic
        cases = Groups(clinic.cases.recommendation, into: clinic.recommendations.ids.count)
        recommendations = Groups(clinic.recommendations.diagnosis, into: clinic.diagnoses.ids.count)
        diagnoses = Groups(clinic.diagnoses.patient, into: clinic.patients.ids.count)
    }
}
