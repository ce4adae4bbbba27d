import Analytics
import Domain
import Store

/// Figures of effectiveness and trends, from which answers are made: those of a run, or what the gate released of them.
protocol Figures {
    /// The day that they are of; `nil` where there are none.
    var asOf: Day? { get }
    /// Tallies of a subject; `nil` where it has none.
    func tallies(at level: Level, of subject: Subject) throws -> WindowTallies?
    /// Tallies of all subjects of a level.
    func tallies(at level: Level) throws -> Keyed<Subject, WindowTallies>
    /// Trends of all subjects of a level, with their q-values.
    func trends(at level: Level) throws -> TestedTrends
    /// The prior of a level and window.
    func prior(of level: Level, in window: Window) throws -> Prior
    /// Spellings of herbs and conditions.
    var names: (herbs: TermNames, conditions: TermNames) { get }
}

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

/// What a run published, of levels of names, read once for each run.
struct PublishedFigures: Figures, Sendable {
    let asOf: Day?
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

    func tallies(at level: Level, of subject: Subject) -> WindowTallies? { tallies[level]?[subject] }
    func tallies(at level: Level) -> Keyed<Subject, WindowTallies> { tallies[level] ?? Keyed() }
    func trends(at level: Level) -> TestedTrends { trends[level] ?? TestedTrends(Keyed()) }
    func prior(of level: Level, in window: Window) -> Prior { priors[level]?[window] ?? .uninformed }
}

/// What anybody may see: figures of whole blocks, and of nothing else.
struct PublicFigures: Figures, Sendable {
    let asOf: Day?
    let names: (herbs: TermNames, conditions: TermNames)
    private let effectiveness: Results.Effectiveness
    private let trends: [Level: TestedTrends]

    init(_ results: any PublishedResults) throws {
        let asOf = try results.origins()[.effectiveness]?.asOf
        let effectiveness = Analytics.effectiveness(
            of: try results.publicBlocks(), asOf: asOf ?? Day(daysSinceEpoch: 0))
        self.asOf = asOf
        self.effectiveness = effectiveness
        names = try results.names()
        trends = effectiveness.tallies.mapValues { TestedTrends(Analytics.trends(of: $0)) }
    }

    func tallies(at level: Level, of subject: Subject) -> WindowTallies? { effectiveness.tallies[level]?[subject] }
    func tallies(at level: Level) -> Keyed<Subject, WindowTallies> { effectiveness.tallies[level] ?? Keyed() }
    func trends(at level: Level) -> TestedTrends { trends[level] ?? TestedTrends(Keyed()) }
    func prior(of level: Level, in window: Window) -> Prior {
        effectiveness.priors[level]?[window] ?? .uninformed
    }
}
