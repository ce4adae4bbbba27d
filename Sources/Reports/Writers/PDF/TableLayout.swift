import Domain

/// How wide the columns of a table are, and how its rows are drawn.
struct TableLayout {
    private let section: ReportSection
    private let report: Report
    private let setter: TextSetter
    private var columns: [TableColumn]
    private var size = 8.0

    private static let padding = 4.0
    private static let smallestSize = 6.0
    /// A text column is not asked to be wider than this, however long its texts are.
    private static let widestText = 170.0
    private static let narrowestText = 62.0
    private static let mostLines = 40
    /// Different texts of a column that decide how wide it is; a wider one wraps.
    private static let mostMeasured = 2000

    private struct TableColumn {
        let kind: ColumnKind
        let title: String
        /// Whether its texts wrap.
        let isFlexible: Bool
        /// The width of its widest text at 8 points, and of the widest word of its title.
        var natural = 0.0
        var width = 0.0
    }

    /// Measures the texts of a section.
    init(_ section: ReportSection, report: Report, setter: TextSetter) {
        self.section = section
        self.report = report
        self.setter = setter
        let formatter = report.formatter
        var columns = section.columns.map { column in
            TableColumn(
                kind: column.kind, title: formatter.catalogue.column(column.name),
                isFlexible: column.kind.isEntered)
        }
        let (style, titleStyle) = (TextSetter.Style(size: 8), TextSetter.Style(size: 8, isBold: true))
        for position in columns.indices {
            let words = columns[position].title.split(separator: " ").map(String.init)
            columns[position].natural = words.map { setter.block($0, titleStyle).width }.max() ?? 0
        }
        var measured = [Set<String>](repeating: [], count: columns.count)
        section.forEachShownRow { row in
            for (position, column) in columns.enumerated() {
                if measured[position].count == Self.mostMeasured { continue }
                if column.isFlexible, column.natural >= Self.widestText { continue }
                let text = formatter.text(row[position], column.kind)
                guard measured[position].insert(text).inserted else { continue }
                let direction: TextSetter.Direction = column.isFlexible ? .content : .report
                var width = setter.block(text, style, direction: direction).width
                if column.kind == .word(.direction) { width += 10 }
                columns[position].natural = max(column.natural, columns[position].natural, width)
            }
        }
        for position in columns.indices {
            columns[position].natural = min(columns[position].natural, Self.widestText) + 2 * Self.padding + 0.5
        }
        self.columns = columns
    }

    /// How wide it would like to be.
    var naturalWidth: Double { columns.reduce(0) { $0 + min($1.natural, $1.isFlexible ? 110 : .infinity) } }

    /// The table made to fill a width: texts wrap first, then the letters get smaller.
    func fitted(to width: Double) -> TableLayout {
        var table = self
        while true {
            let scale = table.size / 8
            let fixed = columns.filter { !$0.isFlexible }.reduce(0) { $0 + $1.natural * scale }
            let flexible = columns.filter(\.isFlexible)
            let least = flexible.reduce(0) { $0 + min($1.natural * scale, Self.narrowestText) }
            if fixed + least <= width || table.size <= Self.smallestSize {
                table.spread(width, scale: scale, fixed: fixed)
                return table
            }
            table.size -= 0.5
        }
    }

    private mutating func spread(_ width: Double, scale: Double, fixed: Double) {
        let natural = columns.reduce(0) { $0 + $1.natural * scale }
        let flexible = columns.filter(\.isFlexible).reduce(0) { $0 + $1.natural * scale }
        for position in columns.indices {
            let wanted = columns[position].natural * scale
            if natural <= width {
                // Room that is left goes to all, so that the table is as wide as the page.
                columns[position].width = wanted + (width - natural) * wanted / natural
            } else if flexible == 0 || fixed >= width {
                columns[position].width = wanted * width / natural
            } else {
                columns[position].width = columns[position].isFlexible ? (width - fixed) * wanted / flexible : wanted
            }
        }
    }

    // MARK: Drawing

    func draw(on flow: PageFlow) throws {
        let header = HeaderLine(columns: columns.map { ($0.title, $0.width, $0.kind.isNumeric) }, size: size, setter)
        let line = setter.line(TextSetter.Style(size: size))
        var isFirst = true
        var isBanded = false
        try section.forEachShownRow { row in
            let isFaint = Chart.Mark.isUncertain(section.samples(of: row))
            let blocks = zip(columns, row).map { column, cell in block(cell, column) }
            let height = (blocks.map { $0.lines > 1 ? $0.height : line.height }.max() ?? line.height) + 2
            if isFirst {
                // The header is not left alone on a page.
                try flow.reserve(header.height + max(height, 3 * line.height))
                header.draw(on: flow)
                isFirst = false
            } else if height > flow.room {
                try flow.endPage()
                header.draw(on: flow)
                isBanded = false
            }
            if isBanded {
                flow.canvas.fill(start: flow.start, top: flow.top, width: flow.width, height: height, .band)
            }
            isBanded.toggle()
            draw(row, blocks, isFaint: isFaint, baseline: flow.top + 1 + line.baseline, on: flow)
            flow.top += height
        }
        flow.canvas.line([(flow.start, flow.top), (flow.start + flow.width, flow.top)], .navy, width: 0.8)
        flow.top += 3
        try flow.paragraph(section.totals(report.formatter), size: 7.5, isBold: true, gap: 1)
        try flow.paragraph(section.tableLegends(report.formatter).joined(separator: " "), size: 7, .grey)
    }

    private func block(_ cell: Cell, _ column: TableColumn) -> TextBlock {
        let text = report.formatter.text(cell, column.kind)
        let style = TextSetter.Style(size: size, isBold: isBold(cell))
        let inner = column.width - 2 * Self.padding
        let direction: TextSetter.Direction = column.isFlexible ? .content : .report
        let block = setter.block(text, style, direction: direction)
        if block.width <= inner { return block }
        return setter.block(
            text, style, direction: direction, width: inner, alignment: column.kind.isNumeric ? .end : .start,
            lines: Self.mostLines)
    }

    private func isBold(_ cell: Cell) -> Bool {
        if case .trend(let direction, true) = cell { direction == .improving || direction == .declining } else { false }
    }

    private func draw(_ row: [Cell], _ blocks: [TextBlock], isFaint: Bool, baseline: Double, on flow: PageFlow) {
        var start = flow.start
        for (position, column) in columns.enumerated() {
            defer { start += column.width }
            let block = blocks[position]
            var from = start + Self.padding
            var color = isFaint && column.kind.isMeasure ? Palette.grey : .ink
            if case .trend(let direction, let isSignificant) = row[position] {
                (color, from) = drawTrend(
                    direction, isSignificant: isSignificant, start: from, baseline: baseline, on: flow.canvas)
            }
            let inner = column.width - 2 * Self.padding
            if block.lines > 1 {
                flow.canvas.draw(block, start: start + Self.padding, width: inner, baseline: baseline, color)
            } else {
                let shift = column.kind.isNumeric ? max(0, inner - block.width) : 0
                flow.canvas.draw(block, start: from + shift, width: block.width, baseline: baseline, color)
            }
        }
    }

    /// Draws the sign of a direction.
    ///
    /// - Returns: the colour of its word, and where that begins.
    private func drawTrend(
        _ direction: Direction, isSignificant: Bool, start: Double, baseline: Double, on canvas: PageCanvas
    ) -> (Palette, Double) {
        guard direction == .improving || direction == .declining else { return (.grey, start) }
        let color: Palette = !isSignificant ? .grey : direction == .improving ? .blue : .vermilion
        let side = size * 0.62
        if isSignificant {
            canvas.triangle(
                start: start, top: baseline - side, side: side, pointsUp: direction == .improving, color)
            return (color, start + side + 3)
        }
        return (color, start)
    }
}

extension ColumnKind {
    /// Whether values are measured, so that few samples make them uncertain.
    fileprivate var isMeasure: Bool {
        switch self {
        case .share, .points, .rating, .interval: true
        default: false
        }
    }
}

/// The header of a table, which stands on each page.
private struct HeaderLine {
    let height: Double
    private let blocks: [(block: TextBlock, start: Double, width: Double)]

    init(columns: [(title: String, width: Double, isNumeric: Bool)], size: Double, _ setter: TextSetter) {
        let style = TextSetter.Style(size: size, isBold: true)
        var start = 0.0
        var blocks: [(block: TextBlock, start: Double, width: Double)] = []
        for column in columns {
            let inner = column.width - 8
            let block = setter.block(
                column.title, style, width: inner, alignment: column.isNumeric ? .end : .start, lines: 6)
            blocks.append((block, start + 4, inner))
            start += column.width
        }
        self.blocks = blocks
        height = (blocks.map(\.block.height).max() ?? 0) + 5
    }

    func draw(on flow: PageFlow) {
        let canvas = flow.canvas
        for (block, start, width) in blocks {
            canvas.draw(
                block, start: flow.start + start, width: width,
                baseline: flow.top + height - 4 - block.height + block.baseline, .navy)
        }
        flow.top += height
        canvas.line([(flow.start, flow.top - 1), (flow.start + flow.width, flow.top - 1)], .navy, width: 1)
    }
}
