public import Domain

/// What a section of a report is made from: a table of named columns.
public enum Source: String, CaseIterable, Sendable {
    /// Effectiveness of every level, subject and window.
    case effectiveness
    /// Trends of every level and subject.
    case trends
    /// Cohorts of mizaj, herb and condition.
    case cohorts
    /// Scores of recommendations at each level.
    case predictions
    /// What feedback says of every level, subject and window: how many patients, which ratings, how many side effects.
    case feedback
    /// Ratings of every level and subject by month.
    case ratings
    /// Comments of patients.
    case comments
    /// Side effects of every level, subject and window.
    case sideEffects = "side_effects"
    /// Earlier runs.
    case runs

    private var rows: any SourceRow.Type {
        switch self {
        case .effectiveness: EffectivenessRow.self
        case .trends: TrendRow.self
        case .cohorts: CohortRow.self
        case .predictions: PredictionRow.self
        case .feedback: FeedbackRow.self
        case .ratings: RatingRow.self
        case .comments: CommentRow.self
        case .sideEffects: SideEffectRow.self
        case .runs: RunRow.self
        }
    }

    /// The result tables, which `avicenna results` prints: what a run published, row by row.
    public static let resultTables: [Source] = [.effectiveness, .trends, .cohorts, .predictions]

    /// The stage whose results it shows, or at whose as-of day it looks at the records.
    public var stage: Stage {
        switch self {
        case .effectiveness, .feedback, .ratings, .comments, .sideEffects, .runs: .effectiveness
        case .trends: .trends
        case .cohorts: .cohorts
        case .predictions: .scores
        }
    }

    /// All columns that a definition may name.
    public var columns: [SourceColumn] { rows.described }

    /// The columns of a report that names none, and of `avicenna results`.
    public var standardColumns: [String] { rows.standardColumns }

    /// The column that `min_samples` looks at; `nil` where rows have no samples.
    public var samplesColumn: String? { rows.samplesColumn }

    /// The column that tables add up as a control, of samples or of cases; `nil` where there is none.
    public var controlColumn: String? { rows.controlColumn }

    /// The column of a name; `nil` where there is none.
    public func column(_ name: String) -> SourceColumn? {
        columns.first { $0.name == name }
    }

    /// The words that a column can hold; `nil` where it can hold anything.
    public func words(of column: String) -> [String]? {
        if case .word(let words) = self.column(column)?.kind { words.all } else { nil }
    }

    /// Calls `body` with the cells of the named columns of every row that passes the filter, in an order that depends on
    /// the results only.
    public func forEachRow(
        of input: ReportInput, columns: [String], where filter: Filter = Filter(), _ body: ([Cell]) throws -> Void
    ) throws {
        try rows.forEach(input, columns, filter, body)
    }
}

/// A column of a source, as definitions name it.
public struct SourceColumn: Equatable, Sendable {
    /// Its name.
    public let name: String
    /// What its values are.
    public let kind: ColumnKind
    /// The column with the interval of its values; `nil` where there is none.
    let interval: String?
}

/// Which rows of a source are wanted.
public struct Filter: Equatable, Sendable {
    /// Accepted values by column, as `Cell.plainText` writes them.
    public var accepted: [String: [String]] = [:]
    /// The fewest samples.
    public var minimumSamples = 0

    /// All rows.
    public init(accepted: [String: [String]] = [:], minimumSamples: Int = 0) {
        self.accepted = accepted
        self.minimumSamples = minimumSamples
    }

    func accepts(_ value: String, in column: String) -> Bool {
        accepted[column]?.contains(value) ?? true
    }
}

extension Filter {
    /// The levels that rows may have.
    var levels: [Level] {
        Level.allCases.filter { accepts($0.rawValue, in: "level") }
    }

    /// The windows that rows may have.
    var windows: [Window] {
        Window.allCases.filter { accepts($0.rawValue, in: "window") }
    }
}
