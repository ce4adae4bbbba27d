import Domain

/// From the baseline to the recent rate of each row; what is not significant is grey.
struct ChangeDrawing: ChartContent {
    let changes: [Chart.Change]
    let axis: ValueAxis

    private static let rowHeight = 21.0
    private static let axisHeight = 14.0

    var lines: Int { changes.count }

    func height(of lines: Int) -> Double { Double(lines) * Self.rowHeight + Self.axisHeight }

    func draw(lines: Range<Int>, on canvas: PageCanvas, start: Double, top: Double, width: Double) {
        let plot = RowPlot(start: start, width: width, wordsShare: 0.25)
        let bottom = top + Double(lines.count) * Self.rowHeight
        plot.drawAxis(axis, on: canvas, top: top, bottom: bottom)
        for (row, change) in changes[lines].enumerated() {
            let middle = top + (Double(row) + 0.5) * Self.rowHeight
            if row > 0 {
                let line = top + Double(row) * Self.rowHeight
                canvas.line([(start, line), (start + width, line)], .band)
            }
            plot.drawLabel(change.label, on: canvas, middle: middle)
            draw(change, plot, on: canvas, middle: middle)
        }
    }

    private func draw(_ change: Chart.Change, _ plot: RowPlot, on canvas: PageCanvas, middle: Double) {
        let color: Palette = !change.isSignificant ? .grey : change.direction == .improving ? .blue : .vermilion
        guard let baseline = change.baseline, let recent = change.recent else { return }
        let (before, after) = (middle - 4, middle + 4)
        if let interval = baseline.interval {
            plot.drawWhisker(interval, axis, on: canvas, middle: before, .line)
        }
        if let interval = recent.interval {
            plot.drawWhisker(interval, axis, on: canvas, middle: after, change.isSignificant ? color : .line)
        }
        let from = plot.start + plot.width * axis.position(baseline.value)
        let to = plot.start + plot.width * axis.position(recent.value)
        canvas.line([(from, before), (to, after)], color, width: change.isSignificant ? 1.2 : 0.6)
        canvas.dot(start: from, top: before, radius: 2.4, color, isHollow: true)
        if change.isSignificant {
            canvas.triangle(
                start: to - 3.2, top: after - 3.2, side: 6.4, pointsUp: change.direction == .improving, color)
        } else {
            canvas.dot(start: to, top: after, radius: 2.4, color)
        }
        let formatter = axis.formatter
        plot.drawWords(
            formatter.points(recent.value - baseline.value),
            formatter.catalogue.text(
                .samplesChange,
                [
                    "recent": formatter.count(recent.samples ?? 0),
                    "baseline": formatter.count(baseline.samples ?? 0),
                ]), on: canvas, middle: middle, change.isSignificant ? color : .grey)
    }
}
