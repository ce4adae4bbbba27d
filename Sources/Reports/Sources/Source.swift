public import Domain
public import Store

/// What a report is made from: one of the result tables, as named columns.
public enum Source: String, CaseIterable, Sendable {
    /// Effectiveness of every level, subject and window.
    case effectiveness
    /// Trends of every level and subject.
    case trends
    /// Cohorts of mizaj, herb and condition.
    case cohorts
    /// Scores of recommendations at each level.
    case predictions

    /// The stage whose results it shows.
    public var stage: Stage {
        switch self {
        case .effectiveness: .effectiveness
        case .trends: .trends
        case .cohorts: .cohorts
        case .predictions: .scores
        }
    }

    /// All columns that a definition may name.
    public var columns: [String] {
        switch self {
        case .effectiveness: EffectivenessRow.columns.map(\.name)
        case .trends: TrendRow.columns.map(\.name)
        case .cohorts: CohortRow.columns.map(\.name)
        case .predictions: PredictionRow.columns.map(\.name)
        }
    }

    /// The columns of `avicenna results`.
    public var standardColumns: [String] {
        switch self {
        case .effectiveness: EffectivenessRow.standardColumns
        case .trends: TrendRow.standardColumns
        case .cohorts: CohortRow.standardColumns
        case .predictions: PredictionRow.standardColumns
        }
    }

    /// The column that `min_samples` looks at.
    public var samplesColumn: String {
        switch self {
        case .effectiveness: EffectivenessRow.samplesColumn
        case .trends: TrendRow.samplesColumn
        case .cohorts: CohortRow.samplesColumn
        case .predictions: PredictionRow.samplesColumn
        }
    }

    /// The words that a column can hold; `nil` where it can hold anything.
    public func words(of column: String) -> [String]? {
        switch (self, column) {
        case (.effectiveness, "level"), (.trends, "level"): Level.allCases.map(\.rawValue)
        case (.predictions, "level"): ScoreLevel.allCases.map(\.rawValue)
        case (_, "window"): Window.allCases.map(\.rawValue)
        case (_, "mizaj_type"): Mizaj.allCases.map(\.rawValue)
        case (_, "direction"), (_, "trend"): Direction.allCases.map(\.rawValue)
        case (_, "historical_basis"): HistoricalBasis.allCases.map(\.rawValue)
        case (_, "significant"), (_, "meets_confidence"): ["true", "false"]
        default: nil
        }
    }

    /// Calls `body` with the cells of the named columns of every row that passes the filter, in an order that depends on
    /// the results only.
    public func forEachRow(
        of results: any PublishedResults, columns: [String], where filter: Filter = Filter(),
        _ body: ([Cell]) throws -> Void
    ) throws {
        switch self {
        case .effectiveness: try EffectivenessRow.forEach(results, columns, filter, body)
        case .trends: try TrendRow.forEach(results, columns, filter, body)
        case .cohorts: try CohortRow.forEach(results, columns, filter, body)
        case .predictions: try PredictionRow.forEach(results, columns, filter, body)
        }
    }
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

/// A row of a source, with its columns.
protocol SourceRow {
    static var columns: [Column<Self>] { get }
    static var standardColumns: [String] { get }
    static var samplesColumn: String { get }

    /// All rows that may pass the filter, in order. What no column in `needed` shows need not be read.
    static func forEach(
        of results: any PublishedResults, needed: Set<String>, _ filter: Filter, _ body: (Self) throws -> Void
    ) throws
}

/// A named column of a source.
struct Column<Row> {
    let name: String
    let cell: (Row) -> Cell

    init(_ name: String, _ cell: @escaping (Row) -> Cell) {
        self.name = name
        self.cell = cell
    }
}

extension SourceRow {
    /// Calls `body` with the cells of the named columns of every row that passes the filter.
    static func forEach(
        _ results: any PublishedResults, _ names: [String], _ filter: Filter, _ body: ([Cell]) throws -> Void
    ) throws {
        let shown = names.compactMap(column)
        let tests = filter.accepted.keys.sorted().compactMap(column)
        let samples = filter.minimumSamples > 0 ? column(samplesColumn) : nil
        let needed = Set(names).union(filter.accepted.keys)
        try forEach(of: results, needed: needed, filter) { row in
            if let samples, case .integer(let count) = samples.cell(row), count < filter.minimumSamples { return }
            for test in tests where !filter.accepts(test.cell(row).plainText(places: 9), in: test.name) { return }
            try body(shown.map { $0.cell(row) })
        }
    }

    private static func column(_ name: String) -> Column<Self>? {
        columns.first { $0.name == name }
    }
}

extension Filter {
    /// The levels that rows may have.
    var levels: [Level] {
        Level.allCases.filter { accepts($0.rawValue, in: "level") }
    }
}
