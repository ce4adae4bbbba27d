package import Domain

/// What messages and the audit log say of a kind of record.
package protocol ClinicRecord: Equatable, Sendable {
    associatedtype Kind
    var id: Identifier<Kind> { get set }
    /// The name of the kind in messages.
    static var kind: String { get }
    /// Why a record is refused that is dated too long before the record that it refers to.
    static var tooEarly: String { get }
    /// The record that it refers to, as messages name it; `nil` where there is none.
    var parent: String? { get }
    /// The names, as in files, of the fields in which it differs from another record.
    func fieldsThatDiffer(from other: Self) -> [String]
    /// All fields on one line, as the audit log has them.
    var auditText: String { get }
}

extension ClinicRecord {
    package static var tooEarly: String { "" }
    package var parent: String? { nil }
}

extension Patient: ClinicRecord {
    package static var kind: String { "patient" }

    package func fieldsThatDiffer(from other: Self) -> [String] {
        [
            (mizaj != other.mizaj, "mizaj_type"), (sex != other.sex, "sex"),
            (birthYear != other.birthYear, "birth_year"),
        ].filter(\.0).map(\.1)
    }
}

extension Diagnosis: ClinicRecord {
    package static var kind: String { "diagnosis" }
    package static var tooEarly: String { "is before the year in which its patient was born" }
    package var parent: String? { "patient \(patient)" }

    package func fieldsThatDiffer(from other: Self) -> [String] {
        [
            (patient != other.patient, "patient_id"), (condition != other.condition, "condition"),
            (symptoms != other.symptoms, "symptoms"), (createdAt != other.createdAt, "created_at"),
        ].filter(\.0).map(\.1)
    }
}

extension Recommendation: ClinicRecord {
    package static var kind: String { "recommendation" }
    package static var tooEarly: String { "is more than a year before its diagnosis was made" }
    package var parent: String? { "diagnosis \(diagnosis)" }

    package func fieldsThatDiffer(from other: Self) -> [String] {
        [
            (diagnosis != other.diagnosis, "diagnosis_id"), (herb != other.herb, "herb"),
            (createdAt != other.createdAt, "created_at"),
        ].filter(\.0).map(\.1)
    }
}

extension Feedback: ClinicRecord {
    package static var kind: String { "feedback" }
    package static var tooEarly: String { "is more than a year before its recommendation was made" }
    package var parent: String? { "recommendation \(recommendation)" }

    package func fieldsThatDiffer(from other: Self) -> [String] {
        [
            (recommendation != other.recommendation, "recommendation_id"), (rating != other.rating, "rating"),
            (improvement != other.improvement, "symptom_improvement"), (compliance != other.compliance, "compliance"),
            (sideEffects != other.sideEffects, "side_effects"), (comment != other.comment, "comment"),
            (createdAt != other.createdAt, "created_at"), (deletedAt != other.deletedAt, "deleted_at"),
        ].filter(\.0).map(\.1)
    }
}
