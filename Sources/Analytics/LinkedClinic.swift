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

    /// The mizaj, herb and condition of a recommendation.
    func cohort(of recommendation: Int) -> Subject {
        let diagnosis = Int(clinic.recommendations.diagnosis[recommendation])
        return .cohort(
            clinic.patients.mizaj[Int(clinic.diagnoses.patient[diagnosis])],
            herb: clinic.herbs.terms[Int(clinic.recommendations.herb[recommendation])],
            condition: clinic.conditions.terms[Int(clinic.diagnoses.condition[diagnosis])])
    }
}
