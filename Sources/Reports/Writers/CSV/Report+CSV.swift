import Configuration
import Domain

extension ColumnKind {
    /// Whether a program reads it better as two columns.
    var isInterval: Bool {
        if case .interval = self { true } else { false }
    }
}

extension SourceColumn {
    /// Names of the two ends of an interval, such as `ci_low` and `ci_high` of `interval`.
    var endNames: [String] {
        let stem = name.replacing("interval", with: "ci")
        return ["\(stem)_low", "\(stem)_high"]
    }
}

extension Report {
    /// Decimals of measures.
    private static let places = 6

    /// Writes all rows, whatever the limit of pages, with column keys for a header; intervals are two columns.
    ///
    /// The rows of several sections stand one after the other, with the section's name first and each under its columns.
    func writeCSV(to file: OutputFile, byteOrderMark: Bool) throws {
        var writer = CSVWriter(places: Self.places, lineEnd: .crlf, guardsFormulas: true, write: file.write)
        if byteOrderMark { try file.write("\u{FEFF}") }
        let layouts = sections.map(CSVLayout.init)
        guard layouts.count > 1 else {
            try writer.header(layouts[0].names)
            try sections[0].forEachRow { try writer.record(layouts[0].cells($0)) }
            try writer.flush()
            return
        }
        var names = ["section"]
        for name in layouts.flatMap(\.names) where !names.contains(name) { names.append(name) }
        try writer.header(names)
        for (section, layout) in zip(sections, layouts) {
            let places = layout.names.compactMap { names.firstIndex(of: $0) }
            var record = [Cell](repeating: .empty, count: names.count)
            record[0] = .text(section.definition.name ?? "")
            try section.forEachRow { row in
                for (place, cell) in zip(places, layout.cells(row)) { record[place] = cell }
                try writer.record(record)
            }
        }
        try writer.flush()
    }
}

/// How the columns of a section stand in a CSV file.
private struct CSVLayout {
    let names: [String]
    private let isInterval: [Bool]

    init(_ section: ReportSection) {
        names = section.columns.flatMap { $0.kind.isInterval ? $0.endNames : [$0.name] }
        isInterval = section.columns.map(\.kind.isInterval)
    }

    func cells(_ row: [Cell]) -> [Cell] {
        var cells: [Cell] = []
        cells.reserveCapacity(names.count)
        for (cell, isInterval) in zip(row, isInterval) {
            guard isInterval else {
                cells.append(cell)
                continue
            }
            if case .interval(let ends) = cell {
                cells += [.decimal(ends.lowerBound), .decimal(ends.upperBound)]
            } else {
                cells += [.empty, .empty]
            }
        }
        return cells
    }
}
