import Domain
import Statistics
import Store

/// Trends of a level, tested together.
struct TestedTrends: Sendable {
    let trends: Keyed<Subject, Trend>
    let qValues: [Double?]

    init(_ trends: Keyed<Subject, Trend>) {
        self.trends = trends
        qValues = trends.qValues
    }

    /// The trend of a subject with its q-value.
    subscript(subject: Subject) -> (trend: Trend, qValue: Double?)? {
        trends.keys.firstIndex(of: subject).map { (trends.values[$0], qValues[$0]) }
    }
}

/// Exact figures of effectiveness and trends that a run published, of levels of names, for the clinic's staff.
struct PublishedFigures: Sendable {
    /// The day that they are of; `nil` where there are none.
    let asOf: Day?
    /// Spellings of herbs and conditions.
    let names: (herbs: TermNames, conditions: TermNames)
    private let tallies: [Level: Keyed<Subject, WindowTallies>]
    private let trends: [Level: TestedTrends]
    private let priors: [Level: [Window: Prior]]

    static let levels: [Level] = [.herb, .condition, .treatment, .overall]

    init(_ results: any PublishedResults) throws {
        asOf = try results.origins()[.effectiveness]?.asOf
        names = try results.names()
        priors = try results.priors()
        tallies = Dictionary(uniqueKeysWithValues: try Self.levels.map { ($0, try results.tallies(at: $0)) })
        trends = Dictionary(
            uniqueKeysWithValues: try Self.levels.map { ($0, TestedTrends(try results.trends(at: $0))) })
    }

    /// Tallies of a subject; `nil` where it has none.
    func tallies(at level: Level, of subject: Subject) -> WindowTallies? { tallies[level]?[subject] }
    /// Tallies of all subjects of a level.
    func tallies(at level: Level) -> Keyed<Subject, WindowTallies> { tallies[level] ?? Keyed() }
    /// Trends of all subjects of a level, with their q-values.
    func trends(at level: Level) -> TestedTrends { trends[level] ?? TestedTrends(Keyed()) }
    /// The prior of a level and window.
    func prior(of level: Level, in window: Window) -> Prior { priors[level]?[window] ?? .uninformed }
}
