import Domain

/// A section of a report with its rows.
public struct ReportSection {
    /// What it is made after.
    public let definition: SectionDefinition
    /// The columns that it shows.
    public let columns: [SourceColumn]
    /// All that passed its conditions.
    public let matching: RowTotals
    /// What pages show, after the limit.
    public let shown: RowTotals
    /// The fewest samples of a row; `nil` where rows have none.
    let minimumSamples: Int?
    /// Position of the samples among the cells of a row; `nil` where rows have none.
    let samplesPosition: Int?
    let charts: [Chart]
    /// The greatest whole number of each of the columns; 0 where it has none.
    let greatest: [Int64]
    private let rows: RowBuffer

    /// How many rows, and how many samples or cases stand in them.
    public struct RowTotals: Equatable, Sendable {
        /// Rows.
        public var rows = 0
        /// Sum of the source's `controlColumn`; `nil` where it has none.
        public var control: Int64?

        fileprivate mutating func add(_ count: Cell?) {
            rows += 1
            if case .integer(let count) = count { control = (control ?? 0) + count }
        }
    }

    /// Gathers the rows.
    ///
    /// - Parameter minimumSamples: the fewest samples, where the definition does not say.
    init(_ definition: SectionDefinition, from input: ReportInput, minimumSamples: Int, formatter: CellFormatter) throws
    {
        let source = definition.source
        var read = definition.columns
        let further =
            definition.sort.map(\.column) + definition.charts.flatMap { $0.columns(of: source) }
            + [source.samplesColumn, source.controlColumn].compactMap { $0 }
        for column in further where !read.contains(column) { read.append(column) }
        let positions = Dictionary(uniqueKeysWithValues: read.enumerated().map { ($1, $0) })

        let filter = Filter(
            accepted: definition.accepted, minimumSamples: definition.minimumSamples ?? minimumSamples)
        let rows = RowBuffer()
        let samplesPosition = source.samplesColumn.flatMap { positions[$0] }
        let controlPosition = source.controlColumn.flatMap { positions[$0] }
        var matching = RowTotals(control: controlPosition == nil ? nil : 0)
        var greatest = [Int64](repeating: 0, count: definition.columns.count)
        try source.forEachRow(of: input, columns: read, where: filter) { row in
            try rows.append(row.map { $0.mapText(\.withoutControls) })
            for position in greatest.indices {
                if case .integer(let number) = row[position] { greatest[position] = max(greatest[position], number) }
            }
            matching.add(controlPosition.map { row[$0] })
        }
        try rows.finish(
            width: read.count,
            sortedBy: definition.sort.map { (position: positions[$0.column] ?? 0, isDescending: $0.isDescending) })

        self.definition = definition
        self.rows = rows
        self.greatest = greatest
        self.matching = matching
        self.samplesPosition = samplesPosition
        self.minimumSamples = source.samplesColumn == nil ? nil : filter.minimumSamples
        columns = definition.columns.compactMap(source.column)
        if let limit = definition.limit, limit < rows.count {
            var shown = RowTotals(control: matching.control.map { _ in 0 })
            rows.forEach(limit: limit) { row in shown.add(controlPosition.map { row[$0] }) }
            self.shown = shown
        } else {
            shown = matching
        }
        charts = definition.charts.map { chart in
            ChartBuilder(definition: chart, source: source, positions: positions, formatter: formatter).chart(of: rows)
        }
    }

    /// Calls `body` with the rows that pages show, in order, at most `limit`: the cells of `columns`, and further ones.
    func forEachShownRow(limit: Int = .max, _ body: ([Cell]) throws -> Void) rethrows {
        try rows.forEach(limit: min(shown.rows, limit), body)
    }

    /// Calls `body` with all rows, in order: the cells of `columns`, and further ones.
    public func forEachRow(_ body: ([Cell]) throws -> Void) rethrows {
        try rows.forEach(body)
    }

    /// The number of samples of a row; `nil` where it has none.
    func samples(of row: [Cell]) -> Int64? {
        if let samplesPosition, case .integer(let count) = row[samplesPosition] { count } else { nil }
    }
}
