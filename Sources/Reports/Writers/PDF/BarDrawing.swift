/// A bar for each value, with its interval as whiskers, and its value, interval and samples in words at the end.
struct BarDrawing: ChartContent {
    let marks: [Chart.Mark]
    let axis: ValueAxis

    private static let rowHeight = 16.0
    private static let axisHeight = 14.0

    var lines: Int { marks.count }

    func height(of lines: Int) -> Double { Double(lines) * Self.rowHeight + Self.axisHeight }

    func draw(lines: Range<Int>, on canvas: PageCanvas, start: Double, top: Double, width: Double) {
        let plot = RowPlot(start: start, width: width, wordsShare: 0.27)
        let bottom = top + Double(lines.count) * Self.rowHeight
        plot.drawAxis(axis, on: canvas, top: top, bottom: bottom)
        for (row, mark) in marks[lines].enumerated() {
            let middle = top + (Double(row) + 0.5) * Self.rowHeight
            plot.drawLabel(mark.label, on: canvas, middle: middle)
            let length = plot.width * axis.position(mark.value)
            let (barTop, barHeight) = (middle - 4.5, 9.0)
            if mark.isUncertain {
                canvas.hatch(start: plot.start, top: barTop, width: length, height: barHeight, .blue)
                canvas.outline(
                    start: plot.start, top: barTop, width: length, height: barHeight, .blue, isDashed: true)
            } else {
                canvas.fill(start: plot.start, top: barTop, width: length, height: barHeight, .blue)
            }
            if let interval = mark.interval {
                plot.drawWhisker(interval, axis, on: canvas, middle: middle, mark.isUncertain ? .grey : .ink)
            }
            plot.drawWords(
                axis.text(mark.value), axis.certainty(mark), on: canvas, middle: middle,
                mark.isUncertain ? .grey : .ink)
        }
        canvas.line([(plot.start, top), (plot.start, bottom)], .ink, width: 0.8)
    }
}

/// A plot whose rows have a label before and words behind them.
struct RowPlot {
    let start: Double
    let width: Double
    private let labelStart: Double
    private let labelWidth: Double
    private let wordsStart: Double
    private let wordsWidth: Double

    private static let gap = 7.0

    init(start: Double, width: Double, wordsShare: Double) {
        labelStart = start
        labelWidth = width * 0.26
        wordsWidth = width * wordsShare
        self.start = start + labelWidth + Self.gap
        self.width = width - labelWidth - wordsWidth - 2 * Self.gap
        wordsStart = self.start + self.width + Self.gap
    }

    /// The lines of the ticks, with their values below.
    func drawAxis(_ axis: ValueAxis, on canvas: PageCanvas, top: Double, bottom: Double) {
        for tick in axis.ticks {
            let place = start + width * axis.position(tick)
            canvas.line([(place, top), (place, bottom)], .line)
            canvas.text(
                axis.tick(tick), ChartDrawing.smallStyle, start: place, baseline: bottom + 9, .grey, alignment: .center)
        }
    }

    func drawLabel(_ label: String, on canvas: PageCanvas, middle: Double) {
        canvas.rowLabel(label, start: labelStart, width: labelWidth, middle: middle)
    }

    func drawWhisker(
        _ interval: ClosedRange<Double>, _ axis: ValueAxis, on canvas: PageCanvas, middle: Double, _ color: Palette
    ) {
        let (low, high) = (
            start + width * axis.position(interval.lowerBound), start + width * axis.position(interval.upperBound)
        )
        canvas.line([(low, middle), (high, middle)], color, width: 0.9)
        for end in [low, high] { canvas.line([(end, middle - 2.5), (end, middle + 2.5)], color, width: 0.9) }
    }

    /// A value, and how sure it is.
    func drawWords(_ value: String, _ certainty: String, on canvas: PageCanvas, middle: Double, _ color: Palette) {
        let style = TextSetter.Style(size: 7.5, isBold: true)
        let block = canvas.setter.block(value, style)
        canvas.draw(block, start: wordsStart, baseline: middle + style.size * 0.32, color)
        let small = ChartDrawing.smallStyle
        let rest = wordsWidth - block.width - 4
        let words = canvas.setter.block(certainty, small, width: rest, lines: 1)
        canvas.draw(
            words, start: wordsStart + block.width + 4, width: rest, baseline: middle + style.size * 0.32, .grey)
    }
}

extension PageCanvas {
    /// What a row of a chart is called, at the end of the room before it.
    func rowLabel(_ label: String, start: Double, width: Double, middle: Double) {
        let style = ChartDrawing.labelStyle
        let block = setter.block(label, style, direction: .content, width: width, alignment: .end, lines: 1)
        draw(block, start: start, width: width, baseline: middle + style.size * 0.32, .ink)
    }
}
