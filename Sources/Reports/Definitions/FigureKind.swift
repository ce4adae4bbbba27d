/// A headline figure: one number about the whole clinic.
public enum FigureKind: String, CaseIterable, Sendable {
    /// Cases in the last 90 days.
    case cases
    /// Effectiveness of all cases in the last 90 days.
    case effectiveness
    /// Change of the effectiveness of all cases: the last 30 days against the 60 before.
    case change
    /// Mean rating in the last 90 days.
    case rating
    /// Share of the cases in the last 90 days that tell a side effect.
    case sideEffects = "side_effects"
    /// Treatments that significantly improve.
    case improving
    /// Treatments that significantly decline.
    case declining

    /// What a report shows that does not say.
    static let standard: [FigureKind] = [.cases, .effectiveness, .change, .improving, .declining]
}
