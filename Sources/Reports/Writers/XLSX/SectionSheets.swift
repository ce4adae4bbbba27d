import CXLSXWriter
import Domain

/// Writes the table of a section: on one sheet, and on further ones past the most rows of a sheet.
struct SectionSheets {
    private let context: SheetContext
    private let section: ReportSection
    /// Position of the section in the report, from 1, which makes the names of tables unique.
    private let number: Int
    private let columns: [SheetColumn]
    /// The formats of each column, by look.
    private let formats: [[SheetStyles.ValueFormat]]

    /// The row of the header; what stands above it says what the table is.
    private static let headerRow = 4
    /// Rows whose texts decide how wide columns are; longer ones wrap.
    private static let measuredRows = 500

    init(context: SheetContext, section: ReportSection, number: Int) throws {
        self.context = context
        self.section = section
        self.number = number
        columns =
            section.columns.enumerated().flatMap { position, column in
                SheetColumn.columns(of: column, position: position, context.catalogue)
            }.withOwnTitles
        formats = try columns.map { try context.styles.values($0.kind) }
    }

    /// Writes all sheets.
    ///
    /// - Parameter mostRows: the most rows of a sheet, header and all.
    /// - Returns: their names.
    func write(mostRows: Int = Workbook.mostRows) throws -> [String] {
        let title = section.title(in: context.report)
        let perSheet = mostRows - Self.headerRow - 1
        let widths = measuredWidths()
        var sheets: [Workbook.Sheet] = []
        var rowsLeft = section.shown.rows
        var row = 0
        func begin() throws -> Workbook.Sheet {
            let sheet = try context.addSheet(title)
            sheets.append(sheet)
            let rows = min(rowsLeft, perSheet)
            rowsLeft -= rows
            try prepare(sheet, title: title, rows: rows, tableName: "Table\(number)_\(sheets.count)", widths: widths)
            row = Self.headerRow + 1
            return sheet
        }
        var sheet = try begin()
        if section.shown.rows == 0 {
            try context.write(
                context.catalogue.text(.noRows), to: sheet, row: Self.headerRow + 1, column: 0, .note)
        }
        try section.forEachShownRow { cells in
            if row == mostRows { sheet = try begin() }
            try write(cells, to: sheet, row: row)
            row += 1
        }
        return sheets.map(Workbook.name)
    }

    private func prepare(
        _ sheet: Workbook.Sheet, title: String, rows: Int, tableName: String, widths: [Double]
    ) throws {
        context.setUp(sheet, isLandscape: true)
        for (column, width) in widths.enumerated() {
            worksheet_set_column(sheet, UInt16(column), UInt16(column), width, nil)
        }
        if rows > 0 {
            try context.workbook.addTable(
                tableName, titles: columns.map(\.title), to: sheet, row: Self.headerRow, rows: rows)
            try addBars(to: sheet, rows: rows)
        }
        worksheet_freeze_panes(sheet, UInt32(Self.headerRow + 1), 0)
        worksheet_repeat_rows(sheet, UInt32(Self.headerRow), UInt32(Self.headerRow))
        let lines = [
            (title, SheetStyles.Look.title), (section.conditions(context.formatter), .subtitle),
            (section.totals(context.formatter), .subtitle),
            (section.tableLegends(context.formatter).joined(separator: " "), .note),
        ]
        for (row, (text, look)) in lines.enumerated() {
            try context.write(text, to: sheet, row: row, column: 0, look)
        }
        worksheet_set_row(sheet, UInt32(Self.headerRow), 32, nil)
        for (column, shown) in columns.enumerated() {
            // As the table has it, to the letter.
            try context.workbook.write(
                shown.title, to: sheet, row: Self.headerRow, column: column, try context.styles.text(.header))
        }
    }

    private func addBars(to sheet: Workbook.Sheet, rows: Int) throws {
        for (column, shown) in columns.enumerated() where shown.hasBars {
            var format = lxw_conditional_format()
            format.type = UInt8(LXW_CONDITIONAL_DATA_BAR.rawValue)
            format.min_rule_type = UInt8(LXW_CONDITIONAL_RULE_TYPE_NUMBER.rawValue)
            format.max_rule_type = UInt8(LXW_CONDITIONAL_RULE_TYPE_NUMBER.rawValue)
            format.min_value = 0
            format.max_value = 1
            format.bar_color = Palette.paleBlue.rgb
            format.bar_solid = UInt8(LXW_TRUE.rawValue)
            format.data_bar_2010 = UInt8(LXW_TRUE.rawValue)
            format.bar_direction = UInt8(
                (context.report.language.isRightToLeft
                    ? LXW_CONDITIONAL_BAR_DIRECTION_RIGHT_TO_LEFT : LXW_CONDITIONAL_BAR_DIRECTION_LEFT_TO_RIGHT)
                    .rawValue)
            worksheet_conditional_format_range(
                sheet, UInt32(Self.headerRow + 1), UInt16(column), UInt32(Self.headerRow + rows), UInt16(column),
                &format)
        }
    }

    private func write(_ cells: [Cell], to sheet: Workbook.Sheet, row: Int) throws {
        let isFaint = Chart.Mark.isUncertain(section.samples(of: cells))
        for (column, shown) in columns.enumerated() {
            let (cell, look) = shown.shown(cells[shown.position], isFaint: isFaint)
            let format = formats[column][look.rawValue]
            if case .trend(let direction, true) = cell, direction == .improving || direction == .declining {
                // In words and by an arrow, so that colour is not all that tells.
                let arrow = direction == .improving ? "▲ " : "▼ "
                let text = arrow + context.formatter.text(cell, shown.kind)
                try context.workbook.write(text, to: sheet, row: row, column: column, format.of(text))
            } else {
                try context.write(cell, shown.kind, to: sheet, row: row, column: column, format)
            }
        }
    }

    private func measuredWidths() -> [Double] {
        // A filter button stands beside the title.
        var widths = columns.map { column in
            let greatest = context.formatter.count(section.greatest[column.position]).count
            return max(8, Double(min(column.title.count, 18)) + 3, Double(greatest) + 2)
        }
        section.forEachShownRow(limit: Self.measuredRows) { cells in
            for (column, shown) in columns.enumerated() {
                let (cell, _) = shown.shown(cells[shown.position], isFaint: false)
                let length = context.formatter.text(cell, shown.kind).count
                widths[column] = max(widths[column], Double(min(length, 60)) + 2)
            }
        }
        return widths
    }
}

/// A column of a sheet: a column of the section, or an end of its interval.
private struct SheetColumn {
    var title: String
    let kind: ColumnKind
    /// Where the cell stands in a row of the section.
    let position: Int
    /// Which end of an interval it is.
    let end: KeyPath<ClosedRange<Double>, Double>?
    let hasBars: Bool

    static func columns(of column: SourceColumn, position: Int, _ catalogue: Catalogue) -> [SheetColumn] {
        let title = catalogue.column(column.name)
        guard column.kind.isInterval else {
            let hasBars =
                column.interval != nil && column.kind == .share || ["adjusted", "score"].contains(column.name)
            return [SheetColumn(title: title, kind: column.kind, position: position, end: nil, hasBars: hasBars)]
        }
        return [(Phrase.low, \ClosedRange<Double>.lowerBound), (.high, \.upperBound)].map { phrase, end in
            SheetColumn(
                title: catalogue.text(phrase, ["column": title]), kind: column.kind, position: position, end: end,
                hasBars: false)
        }
    }

    /// The cell to show, and how it looks.
    func shown(_ cell: Cell, isFaint: Bool) -> (Cell, SheetStyles.Look) {
        if case .interval(let ends) = cell, let end { return (.decimal(ends[keyPath: end]), isFaint ? .faint : .plain) }
        switch (kind, cell) {
        case (_, .trend(let direction, let isSignificant)):
            guard isSignificant else { return (cell, .faint) }
            return (cell, direction == .improving ? .better : direction == .declining ? .worse : .plain)
        case (.share, _), (.rating, _), (.points, _): return (cell, isFaint ? .faint : .plain)
        default: return (cell, .plain)
        }
    }
}

extension [SheetColumn] {
    /// The columns with titles of which none stands twice, as a table needs them.
    fileprivate var withOwnTitles: [SheetColumn] {
        var seen: Set<String> = []
        return map { column in
            var column = column
            let title = column.title
            var number = 1
            while !seen.insert(column.title.lowercased()).inserted {
                number += 1
                column.title = "\(title) (\(number))"
            }
            return column
        }
    }
}
