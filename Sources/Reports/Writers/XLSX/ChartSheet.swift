import CXLSXWriter
import Domain

/// Writes the charts: the numbers of each as a block of cells, and a native chart of them beside it.
struct ChartSheet {
    let context: SheetContext
    let sheet: Workbook.Sheet

    /// Rows that a chart covers.
    private static let chartRows = 21
    /// Rows and columns that one of several small charts covers.
    private static let smallChartRows = 13
    private static let smallChartColumns = 5

    private typealias NativeChart = UnsafeMutablePointer<lxw_chart>

    /// Writes charts, each with the title of its section.
    func write(_ charts: [(title: String, chart: Chart)]) throws {
        context.setUp(sheet, isLandscape: true)
        worksheet_set_column(sheet, 0, 0, 34, nil)
        worksheet_set_column(sheet, 1, 60, 13, nil)
        var row = 0
        for (title, chart) in charts {
            try text("\(title): \(chart.title)", row, 0, .title)
            try text(chart.captions(context.formatter).joined(separator: " "), row + 1, 0, .note)
            let rows: Int
            switch chart.content {
            case .bars(let marks): rows = try writeBars(marks, of: chart, row: row + 2)
            case .panels(let panels, let axis): rows = try writePanels(panels, axis: axis, of: chart, row: row + 2)
            case .heat(let map): rows = try writeHeat(map, of: chart, row: row + 2)
            case .changes(let changes): rows = try writeChanges(changes, of: chart, row: row + 2)
            }
            row += 2 + rows + 2
        }
    }

    // MARK: Cells

    private func text(_ text: String, _ row: Int, _ column: Int, _ look: SheetStyles.Look) throws {
        try context.write(text, to: sheet, row: row, column: column, look)
    }

    private func header(_ titles: [String], _ row: Int) throws {
        for (column, title) in titles.enumerated() { try text(title, row, column, .header) }
    }

    private var intervalTitles: [String] {
        let interval = context.catalogue.column("interval")
        return [Phrase.low, .high].map { context.catalogue.text($0, ["column": interval]) }
    }

    /// Value, samples and the ends of the interval, from a column on.
    private func write(_ mark: Chart.Mark?, _ kind: ColumnKind, row: Int, column: Int) throws {
        guard let mark else { return }
        let look: SheetStyles.Look = mark.isUncertain ? .faint : .plain
        func put(_ cell: Cell, _ kind: ColumnKind, _ offset: Int) throws {
            try context.write(cell, kind, to: sheet, row: row, column: column + offset, look)
        }
        try put(.decimal(mark.value), kind, 0)
        if let samples = mark.samples { try put(.integer(samples), .count, 1) }
        if let interval = mark.interval {
            try put(.decimal(interval.lowerBound), kind, 2)
            try put(.decimal(interval.upperBound), kind, 3)
        }
    }

    // MARK: Native charts

    /// A range of one column, as formulas write it.
    private func range(_ column: Int, _ first: Int, _ last: Int) -> String {
        let name = Workbook.name(of: sheet)
        let letters = Self.letters(column)
        return "='\(name)'!$\(letters)$\(first + 1):$\(letters)$\(last + 1)"
    }

    private static func letters(_ column: Int) -> String {
        column < 26
            ? String(UnicodeScalar(UInt8(65 + column))) : letters(column / 26 - 1) + letters(column % 26)
    }

    private func addSeries(
        _ chart: NativeChart, name: String, column: Int, labels: Int = 0, rows: ClosedRange<Int>, color: Palette
    ) -> UnsafeMutablePointer<lxw_chart_series>? {
        let series = chart_add_series(
            chart, range(labels, rows.lowerBound, rows.upperBound), range(column, rows.lowerBound, rows.upperBound))
        chart_series_set_name(series, name)
        var fill = lxw_chart_fill()
        fill.color = color.rgb
        chart_series_set_fill(series, &fill)
        return series
    }

    /// Shows a series by marks alone.
    private func setMarks(
        _ series: UnsafeMutablePointer<lxw_chart_series>?, _ type: lxw_chart_marker_type, size: UInt8, color: Palette,
        isLine: Bool = false
    ) {
        var line = lxw_chart_line()
        line.color = color.rgb
        line.width = 1.75
        line.none = UInt8(isLine ? 0 : 1)
        chart_series_set_line(series, &line)
        chart_series_set_marker_type(series, UInt8(type.rawValue))
        chart_series_set_marker_size(series, size)
        var fill = lxw_chart_fill()
        fill.color = color.rgb
        chart_series_set_marker_fill(series, &fill)
        var border = lxw_chart_line()
        border.color = color.rgb
        chart_series_set_marker_line(series, &border)
    }

    private func place(
        _ native: NativeChart, of chart: Chart, title: String? = nil, row: Int, column: Int,
        isLabelAxisVertical: Bool, scale: (x: Double, y: Double) = (1.6, 1.4)
    ) {
        chart_title_set_name(native, Workbook.chartTitle(title ?? chart.title))
        let range = chart.scale
        let values = isLabelAxisVertical ? native.pointee.x_axis : native.pointee.y_axis
        let labels = isLabelAxisVertical ? native.pointee.y_axis : native.pointee.x_axis
        chart_axis_set_min(values, range.lowerBound)
        chart_axis_set_max(values, range.upperBound)
        chart_axis_set_name(values, chart.valueTitle)
        // The first row stands on top, and time runs the way the language is read.
        if isLabelAxisVertical || context.report.language.isRightToLeft { chart_axis_set_reverse(labels) }
        var gridline = lxw_chart_line()
        gridline.color = Palette.line.rgb
        chart_axis_major_gridlines_set_line(values, &gridline)
        var options = lxw_chart_options()
        options.x_scale = scale.x
        options.y_scale = scale.y
        worksheet_insert_chart_opt(sheet, UInt32(row), UInt16(column), native, &options)
    }

    // MARK: Kinds

    private func writeBars(_ marks: [Chart.Mark], of chart: Chart, row: Int) throws -> Int {
        try header(["", chart.valueTitle, context.catalogue.text(.samples)] + intervalTitles, row)
        for (offset, mark) in marks.enumerated() {
            try text(mark.label, row + 1 + offset, 0, .plain)
            try write(mark, chart.kind, row: row + 1 + offset, column: 1)
        }
        guard !marks.isEmpty else { return 1 }
        let rows = row + 1...row + marks.count
        if marks.contains(where: { $0.interval != nil }) {
            // No bars, since whiskers of their own for each are beyond the format: a mark between both ends.
            let native = try context.workbook.addChart(LXW_CHART_LINE)
            setMarks(
                addSeries(native, name: intervalTitles[1], column: 4, rows: rows, color: .grey),
                LXW_CHART_MARKER_SQUARE, size: 3, color: .grey)
            setMarks(
                addSeries(native, name: chart.valueTitle, column: 1, rows: rows, color: .blue),
                LXW_CHART_MARKER_DIAMOND, size: 9, color: .blue)
            setMarks(
                addSeries(native, name: intervalTitles[0], column: 3, rows: rows, color: .grey),
                LXW_CHART_MARKER_SQUARE, size: 3, color: .grey)
            var line = lxw_chart_line()
            line.color = Palette.grey.rgb
            line.width = 1.25
            chart_set_high_low_lines(native, &line)
            chart_legend_set_position(native, UInt8(LXW_CHART_LEGEND_BOTTOM.rawValue))
            place(native, of: chart, row: row, column: 6, isLabelAxisVertical: false)
        } else {
            let native = try context.workbook.addChart(LXW_CHART_BAR)
            _ = addSeries(native, name: chart.valueTitle, column: 1, rows: rows, color: .blue)
            chart_legend_set_position(native, UInt8(LXW_CHART_LEGEND_NONE.rawValue))
            place(native, of: chart, row: row, column: 6, isLabelAxisVertical: true)
        }
        return max(marks.count + 1, Self.chartRows)
    }

    /// The rows of one panel after those of another, and a small chart of each.
    private func writePanels(_ panels: [Chart.Series], axis: [String], of chart: Chart, row: Int) throws -> Int {
        try header(["", "", chart.valueTitle, context.catalogue.text(.samples)] + intervalTitles, row)
        let perLine = 3
        for (position, panel) in panels.enumerated() {
            let first = row + 1 + position * axis.count
            for (offset, label) in axis.enumerated() {
                try text(panel.title, first + offset, 0, .plain)
                try text(label, first + offset, 1, .plain)
                try write(panel.marks[offset], chart.kind, row: first + offset, column: 2)
            }
            guard !axis.isEmpty else { continue }
            let native = try context.workbook.addChart(LXW_CHART_LINE)
            let series = addSeries(
                native, name: chart.valueTitle, column: 2, labels: 1, rows: first...first + axis.count - 1,
                color: .blue)
            setMarks(series, LXW_CHART_MARKER_CIRCLE, size: 5, color: .blue, isLine: true)
            chart_legend_set_position(native, UInt8(LXW_CHART_LEGEND_NONE.rawValue))
            let (line, column) = position.quotientAndRemainder(dividingBy: perLine)
            place(
                native, of: chart, title: panel.title.isEmpty ? chart.title : panel.title,
                row: row + line * Self.smallChartRows, column: 7 + column * Self.smallChartColumns,
                isLabelAxisVertical: false, scale: panels.count == 1 ? (1.6, 1.4) : (0.95, 0.8))
        }
        let chartRows =
            panels.count == 1 ? Self.chartRows : (panels.count + perLine - 1) / perLine * Self.smallChartRows
        return max(panels.count * axis.count + 1, chartRows)
    }

    private func writeHeat(_ map: Chart.HeatMap, of chart: Chart, row: Int) throws -> Int {
        let width = map.columns.count
        let samples = context.catalogue.text(.samples)
        try header([""] + map.columns + map.columns.map { "\(samples): \($0)" }, row)
        for (offset, line) in map.rows.enumerated() {
            try text(line.title, row + 1 + offset, 0, .plain)
            for (column, mark) in line.marks.enumerated() {
                guard let mark else { continue }
                let look: SheetStyles.Look = mark.isUncertain ? .faint : .plain
                try context.write(
                    .decimal(mark.value), chart.kind, to: sheet, row: row + 1 + offset, column: 1 + column, look)
            }
            for (column, mark) in line.marks.enumerated() {
                guard let samples = mark?.samples else { continue }
                try context.write(
                    .integer(samples), .count, to: sheet, row: row + 1 + offset, column: 1 + width + column, .plain)
            }
        }
        guard !map.rows.isEmpty, width > 0 else { return 1 }
        var format = lxw_conditional_format()
        format.type = UInt8(LXW_CONDITIONAL_2_COLOR_SCALE.rawValue)
        format.min_rule_type = UInt8(LXW_CONDITIONAL_RULE_TYPE_NUMBER.rawValue)
        format.max_rule_type = UInt8(LXW_CONDITIONAL_RULE_TYPE_NUMBER.rawValue)
        format.min_value = chart.scale.lowerBound
        format.max_value = chart.scale.upperBound
        format.min_color = 0xFFFFFF
        format.max_color = Palette.blue.rgb
        worksheet_conditional_format_range(
            sheet, UInt32(row + 1), 1, UInt32(row + map.rows.count), UInt16(width), &format)
        return map.rows.count + 1
    }

    private func writeChanges(_ changes: [Chart.Change], of chart: Chart, row: Int) throws -> Int {
        let catalogue = context.catalogue
        let samples = catalogue.text(.samples)
        let titles =
            ["", catalogue.text(.baseline), samples] + intervalTitles
            + [catalogue.text(.recent), samples] + intervalTitles + [catalogue.column("direction")]
        try header(titles, row)
        for (offset, change) in changes.enumerated() {
            try text(change.label, row + 1 + offset, 0, change.isSignificant ? .plain : .faint)
            try write(change.baseline, .share, row: row + 1 + offset, column: 1)
            try write(change.recent, .share, row: row + 1 + offset, column: 5)
            let look: SheetStyles.Look =
                !change.isSignificant ? .faint : change.direction == .improving ? .better : .worse
            try text(catalogue.word(change.direction.rawValue, of: .direction), row + 1 + offset, 9, look)
        }
        guard !changes.isEmpty else { return 1 }
        let native = try context.workbook.addChart(LXW_CHART_BAR)
        let rows = row + 1...row + changes.count
        _ = addSeries(native, name: catalogue.text(.baseline), column: 1, rows: rows, color: .paleBlue)
        _ = addSeries(native, name: catalogue.text(.recent), column: 5, rows: rows, color: .blue)
        chart_legend_set_position(native, UInt8(LXW_CHART_LEGEND_BOTTOM.rawValue))
        place(native, of: chart, row: row, column: 11, isLabelAxisVertical: true)
        return max(changes.count + 1, Self.chartRows)
    }
}
