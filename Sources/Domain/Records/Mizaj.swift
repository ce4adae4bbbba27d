/// Temperament of a patient, after its two qualities: warm or cold, wet or dry.
public enum Mizaj: String, CaseIterable, Sendable {
    /// Warm and wet.
    case garmTar = "garm_tar"
    /// Warm and dry.
    case garmKhoshk = "garm_khoshk"
    /// Cold and wet.
    case sardTar = "sard_tar"
    /// Cold and dry.
    case sardKhoshk = "sard_khoshk"
    /// Balanced.
    case motadel = "motadel"

    /// Position in `allCases`, 0…4; part of a packed `Subject`, so the order never changes.
    @inlinable
    public var ordinal: Int {
        switch self {
        case .garmTar: 0
        case .garmKhoshk: 1
        case .sardTar: 2
        case .sardKhoshk: 3
        case .motadel: 4
        }
    }
}
