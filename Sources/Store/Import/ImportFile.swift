/// A column of a clinic's files.
enum ImportColumn: Int, CaseIterable {
    case patient
    case diagnosis
    case recommendation
    case feedback
    case mizaj
    case sex
    case birthYear
    case condition
    case symptoms
    case herb
    case rating
    case improvement
    case compliance
    case sideEffects
    case comment
    case createdAt
    case deletedAt

    /// As headers have it.
    var name: String {
        switch self {
        case .patient: "patient_id"
        case .diagnosis: "diagnosis_id"
        case .recommendation: "recommendation_id"
        case .feedback: "feedback_id"
        case .mizaj: "mizaj_type"
        case .sex: "sex"
        case .birthYear: "birth_year"
        case .condition: "condition"
        case .symptoms: "symptoms"
        case .herb: "herb"
        case .rating: "rating"
        case .improvement: "symptom_improvement"
        case .compliance: "compliance"
        case .sideEffects: "side_effects"
        case .comment: "comment"
        case .createdAt: "created_at"
        case .deletedAt: "deleted_at"
        }
    }
}

/// One of the four files of a clinic folder, with its columns.
enum ImportFile: String, CaseIterable {
    case patients = "patients.csv"
    case diagnoses = "diagnoses.csv"
    case recommendations = "recommendations.csv"
    case feedback = "feedback.csv"

    /// The columns that must stand in the header; the record's own id comes first.
    var requiredColumns: [ImportColumn] {
        switch self {
        case .patients: [.patient, .mizaj]
        case .diagnoses: [.diagnosis, .patient, .condition, .createdAt]
        case .recommendations: [.recommendation, .diagnosis, .herb, .createdAt]
        case .feedback: [.feedback, .recommendation, .rating, .createdAt]
        }
    }

    /// The columns that may be absent.
    var optionalColumns: [ImportColumn] {
        switch self {
        case .patients: [.sex, .birthYear]
        case .diagnoses: [.symptoms]
        case .recommendations: []
        case .feedback: [.improvement, .compliance, .sideEffects, .comment, .deletedAt]
        }
    }

    /// The column that names the record this one belongs to.
    var parentColumn: ImportColumn? {
        switch self {
        case .patients: nil
        case .diagnoses: .patient
        case .recommendations: .diagnosis
        case .feedback: .recommendation
        }
    }
}
