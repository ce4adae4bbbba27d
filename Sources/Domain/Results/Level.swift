/// What effectiveness and trends are computed for.
public enum Level: String, CaseIterable, Sendable {
    /// One recommendation.
    case recommendation
    /// All recommendations of one diagnosis.
    case diagnosis
    /// All recommendations of one herb.
    case herb
    /// All recommendations for one condition.
    case condition
    /// A herb for a condition.
    case treatment
    /// A herb for a condition in patients of one mizaj.
    case cohort
    /// Everything: the one subject `all`.
    case overall

    /// Position in `allCases`, 0…6; stored, so the order never changes.
    public var ordinal: Int {
        switch self {
        case .recommendation: 0
        case .diagnosis: 1
        case .herb: 2
        case .condition: 3
        case .treatment: 4
        case .cohort: 5
        case .overall: 6
        }
    }

    /// Whether subjects are records, known by their number, and not names.
    public var isNumbered: Bool { self == .recommendation || self == .diagnosis }
}
