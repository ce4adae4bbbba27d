import Domain

/// A row of a source, with its columns.
protocol SourceRow {
    static var columns: [Column<Self>] { get }
    static var standardColumns: [String] { get }
    /// The column with the number of cases that a row rests on.
    static var samplesColumn: String? { get }
    /// The column that is added up as a control.
    static var controlColumn: String? { get }

    /// All rows that may pass the filter, in order. What no column in `needed` shows need not be read.
    static func forEach(
        of input: ReportInput, needed: Set<String>, _ filter: Filter, _ body: (Self) throws -> Void
    ) throws
}

/// A named column of a source.
struct Column<Row> {
    let name: String
    let kind: ColumnKind
    /// The column with the interval of the values.
    let interval: String?
    let cell: (Row) -> Cell

    init(_ name: String, _ kind: ColumnKind, interval: String? = nil, _ cell: @escaping (Row) -> Cell) {
        self.name = name
        self.kind = kind
        self.interval = interval
        // Databases of older versions may hold noncharacters, which XML and PDF cannot.
        self.cell = { cell($0).mapText(\.withoutNoncharacters) }
    }
}

extension SourceRow {
    static var controlColumn: String? { samplesColumn }

    static var described: [SourceColumn] {
        columns.map { SourceColumn(name: $0.name, kind: $0.kind, interval: $0.interval) }
    }

    /// Calls `body` with the cells of the named columns of every row that passes the filter.
    static func forEach(
        _ input: ReportInput, _ names: [String], _ filter: Filter, _ body: ([Cell]) throws -> Void
    ) throws {
        let columns = columns
        func column(_ name: String) -> Column<Self>? { columns.first { $0.name == name } }
        let shown = names.compactMap(column)
        let tests = filter.accepted.keys.sorted().compactMap(column)
        let samples = filter.minimumSamples > 0 ? samplesColumn.flatMap(column) : nil
        let needed = Set(names).union(filter.accepted.keys)
        try forEach(of: input, needed: needed, filter) { row in
            if let samples, case .integer(let count) = samples.cell(row), count < filter.minimumSamples { return }
            for test in tests where !filter.accepts(test.cell(row).plainText(places: 9), in: test.name) { return }
            try body(shown.map { $0.cell(row) })
        }
    }
}
