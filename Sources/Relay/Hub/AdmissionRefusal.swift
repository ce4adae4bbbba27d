import Access
import Domain

/// Why a client may not follow a diagnosis.
enum AdmissionRefusal: Error {
    /// Its token does not allow it.
    case token(TokenRefusal)
    /// There is no such diagnosis.
    case unknownDiagnosis(DiagnosisID)
    /// Nobody can tell now, because the database cannot be read.
    case unavailable

    /// What clients are told.
    var reason: String {
        switch self {
        case .token(let refusal): refusal.rawValue
        case .unknownDiagnosis(let diagnosis): "there is no diagnosis \(diagnosis)"
        case .unavailable: "the database cannot be read now"
        }
    }

    /// What metrics call it.
    var name: String {
        switch self {
        case .token(let refusal): "\(refusal)"
        case .unknownDiagnosis: "unknown"
        case .unavailable: "unavailable"
        }
    }
}
