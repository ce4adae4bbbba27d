import Domain

/// Draws a chart across the page: title, captions and what its kind draws.
struct ChartDrawing {
    let chart: Chart
    let report: Report

    static let titleStyle = TextSetter.Style(size: 9.5, isBold: true)
    static let labelStyle = TextSetter.Style(size: 7.5)
    static let smallStyle = TextSetter.Style(size: 6.5)

    private let captions: [String]

    init(_ chart: Chart, report: Report) {
        self.chart = chart
        self.report = report
        captions = chart.captions(report.formatter)
    }

    /// What draws one kind of chart.
    private var drawing: any ChartContent {
        let axis = ValueAxis(chart: chart, formatter: report.formatter)
        switch chart.content {
        case .bars(let marks): return BarDrawing(marks: marks, axis: axis)
        case .changes(let changes): return ChangeDrawing(changes: changes, axis: axis)
        case .heat(let map): return HeatDrawing(map: map, axis: axis)
        case .panels(let panels, let labels):
            return PanelDrawing(panels: panels, labels: labels, axis: axis)
        }
    }

    /// How much of it must stand together on a page below something: all of it where little of the page is left and the
    /// next has room for all, else its beginning.
    func reservedHeight(on flow: PageFlow, below above: Double = 0) -> Double {
        let head = headHeight(width: flow.width, flow.canvas.setter)
        let whole = head + drawing.height(of: drawing.lines)
        let (room, page) = (flow.room - above, flow.bottom - PageFlow.margin)
        if whole <= room || whole + above <= page && room < page / 2 { return whole }
        return head + drawing.height(of: min(Self.leastLines, drawing.lines))
    }

    private func headHeight(width: Double, _ setter: TextSetter) -> Double {
        setter.line(Self.titleStyle).height + captionHeight(width: width, setter) + 4
    }

    /// Lines that are not left alone on a page.
    private static let leastLines = 4

    private func captionHeight(width: Double, _ setter: TextSetter) -> Double {
        captions.isEmpty
            ? 0 : setter.block(captions.joined(separator: " "), Self.smallStyle, width: width).height
    }

    func draw(on flow: PageFlow) throws {
        let canvas = flow.canvas
        try flow.reserve(reservedHeight(on: flow))
        let drawing = drawing
        let titleLine = canvas.setter.line(Self.titleStyle)
        canvas.text(chart.title, Self.titleStyle, start: flow.start, baseline: flow.top + titleLine.baseline, .ink)
        flow.top += titleLine.height
        let text = captions.joined(separator: " ")
        flow.top += canvas.paragraph(
            text, Self.smallStyle, start: flow.start, top: flow.top, width: flow.width, .grey)
        flow.top += 4
        var line = 0
        while line < drawing.lines {
            var end = drawing.lines
            while end > line + 1, drawing.height(of: end - line) > flow.room { end -= 1 }
            drawing.draw(lines: line..<end, on: canvas, start: flow.start, top: flow.top, width: flow.width)
            flow.top += drawing.height(of: end - line) + 12
            line = end
            if line < drawing.lines { try flow.endPage() }
        }
    }
}

/// What a kind of chart draws below its title, line by line, so that a long one goes on on the next page.
protocol ChartContent {
    var lines: Int { get }
    /// How high so many lines are, with the axis that belongs to them.
    func height(of lines: Int) -> Double
    func draw(lines: Range<Int>, on canvas: PageCanvas, start: Double, top: Double, width: Double)
}

/// The axis of values: its ends, its ticks, and how values are written.
struct ValueAxis {
    let scale: ClosedRange<Double>
    let ticks: [Double]
    private let kind: ColumnKind
    let formatter: CellFormatter

    init(chart: Chart, formatter: CellFormatter) {
        scale = chart.scale
        kind = chart.kind
        self.formatter = formatter
        let steps = Self.steps(of: chart.kind, to: chart.scale.upperBound)
        ticks = (0...steps).map { [scale] step in
            scale.lowerBound + (scale.upperBound - scale.lowerBound) * Double(step) / Double(steps)
        }
    }

    /// Into how many steps the axis is cut, so that ticks are round numbers.
    private static func steps(of kind: ColumnKind, to end: Double) -> Int {
        switch kind {
        case .rating, .points: return 4
        case .share, .probability: return end == 1 ? 4 : 5
        default:
            if end <= 5 { return Int(end) }
            return String(end).first == "2" ? 4 : 5
        }
    }

    /// Where a value lies, 0…1.
    func position(_ value: Double) -> Double {
        min(max((value - scale.lowerBound) / (scale.upperBound - scale.lowerBound), 0), 1)
    }

    /// A value as a mark has it.
    func text(_ value: Double) -> String {
        switch kind {
        case .share: formatter.percent(value, places: scale.upperBound < 0.2 ? 1 : 0)
        case .points: formatter.points(value)
        case .count: formatter.count(Int64(value.rounded()))
        case .probability: formatter.probability(value)
        default: formatter.fraction(value, places: 2)
        }
    }

    /// A value as the axis has it.
    func tick(_ value: Double) -> String {
        switch kind {
        case .share: formatter.percent(value, places: scale.upperBound < 0.04 ? 1 : 0)
        case .rating: formatter.count(Int64(value.rounded()))
        default: text(value)
        }
    }

    /// The interval and the number of samples of a mark, in words.
    func certainty(_ mark: Chart.Mark) -> String {
        var parts: [String] = []
        if let interval = mark.interval {
            parts.append(formatter.interval(interval, kind == .rating ? .interval(of: .rating) : .interval(of: .share)))
        }
        if let samples = mark.samples {
            parts.append(formatter.catalogue.text(.samplesShort, ["n": formatter.count(samples)]))
        }
        return parts.joined(separator: " · ")
    }
}
