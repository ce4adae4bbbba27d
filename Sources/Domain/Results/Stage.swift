/// A step of a run.
public enum Stage: String, CaseIterable, Sendable {
    /// Effectiveness of every level, subject and window.
    case effectiveness
    /// Trends of every level and subject.
    case trends
    /// Cohorts of mizaj, herb and condition.
    case cohorts
    /// Ensemble scores of the recommendations of active diagnoses.
    case scores
    /// Report files.
    case reports

    /// Position in `allCases`, 0…4, which is the order in which stages run.
    public var ordinal: Int {
        switch self {
        case .effectiveness: 0
        case .trends: 1
        case .cohorts: 2
        case .scores: 3
        case .reports: 4
        }
    }
}
