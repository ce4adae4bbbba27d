/// A table of colours: the darker, the greater. A value on few samples has a dashed frame and is not filled.
struct HeatDrawing: ChartContent {
    let map: Chart.HeatMap
    let axis: ValueAxis

    private static let rowHeight = 24.0
    private static let headerHeight = 14.0
    private static let labelShare = 0.26
    private static let valueStyle = TextSetter.Style(size: 7.5, isBold: true)
    private static let detailStyle = TextSetter.Style(size: 5.5)

    var lines: Int { map.rows.count }

    func height(of lines: Int) -> Double { Double(lines) * Self.rowHeight + Self.headerHeight }

    func draw(lines: Range<Int>, on canvas: PageCanvas, start: Double, top: Double, width: Double) {
        let label = width * Self.labelShare
        let cell = (width - label - 6) / Double(max(map.columns.count, 1))
        func begin(of column: Int) -> Double { start + label + 6 + Double(column) * cell }
        for (column, title) in map.columns.enumerated() {
            canvas.paragraph(
                title, ChartDrawing.labelStyle, start: begin(of: column), top: top - 1, width: cell, .ink,
                alignment: .center, direction: .content, lines: 1)
        }
        for (row, line) in map.rows[lines].enumerated() {
            let rowTop = top + Self.headerHeight + Double(row) * Self.rowHeight
            canvas.rowLabel(line.title, start: start, width: label, middle: rowTop + Self.rowHeight / 2)
            for (column, mark) in line.marks.enumerated() {
                draw(mark, on: canvas, start: begin(of: column) + 0.75, top: rowTop + 0.75, width: cell - 1.5)
            }
        }
    }

    private func draw(_ mark: Chart.Mark?, on canvas: PageCanvas, start: Double, top: Double, width: Double) {
        let height = Self.rowHeight - 1.5
        guard let mark else {
            canvas.text(
                "–", Self.valueStyle, start: start + width / 2, baseline: top + height / 2 + 2, .line,
                alignment: .center)
            return
        }
        let position = axis.position(mark.value)
        var color = Palette.ink
        if mark.isUncertain {
            canvas.outline(start: start, top: top, width: width, height: height, .grey, isDashed: true)
            color = .grey
        } else {
            canvas.fill(start: start, top: top, width: width, height: height, .heat(position))
            color = position > 0.5 ? .paper : .ink
        }
        canvas.text(
            axis.text(mark.value), Self.valueStyle, start: start + width / 2, baseline: top + 10, color,
            alignment: .center)
        canvas.paragraph(
            axis.certainty(mark), Self.detailStyle, start: start, top: top + 11.5, width: width, color,
            alignment: .center, lines: 1)
    }
}
