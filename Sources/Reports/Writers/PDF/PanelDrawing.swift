/// Lines from month to month with their intervals as bands: one large, or many small.
struct PanelDrawing: ChartContent {
    let panels: [Chart.Series]
    let labels: [String]
    let axis: ValueAxis

    private static let gap = 14.0

    private var isSingle: Bool { panels.count <= 1 }
    private var columns: Int { isSingle ? 1 : 3 }
    private var panelHeight: Double { isSingle ? 150 : 92 }

    var lines: Int { (panels.count + columns - 1) / columns }

    func height(of lines: Int) -> Double { Double(lines) * panelHeight }

    func draw(lines: Range<Int>, on canvas: PageCanvas, start: Double, top: Double, width: Double) {
        let panelWidth = (width - Double(columns - 1) * Self.gap) / Double(columns)
        let shown = panels[(lines.lowerBound * columns)..<min(lines.upperBound * columns, panels.count)]
        for (position, panel) in shown.enumerated() {
            draw(
                panel, on: canvas, start: start + Double(position % columns) * (panelWidth + Self.gap),
                top: top + Double(position / columns) * panelHeight, width: panelWidth)
        }
    }

    private func draw(_ panel: Chart.Series, on canvas: PageCanvas, start: Double, top: Double, width: Double) {
        var top = top
        let footHeight = isSingle ? 26.0 : 16.0
        let height = panelHeight - footHeight - (isSingle ? 4 : 18)
        if !isSingle {
            let count = axis.formatter.catalogue.text(.samplesShort, ["n": axis.formatter.count(panel.samples)])
            let block = canvas.setter.block(count, ChartDrawing.smallStyle)
            canvas.draw(block, start: start + width - block.width, baseline: top + 9, .grey)
            canvas.paragraph(
                panel.title, TextSetter.Style(size: 7.5, isBold: true), start: start, top: top - 2,
                width: width - block.width - 6, direction: .content, lines: 1)
            top += 14
        }
        let ticks =
            isSingle
            ? axis.ticks : [axis.ticks.first, axis.ticks[axis.ticks.count / 2], axis.ticks.last].compactMap { $0 }
        let tickWidth = ticks.map { canvas.setter.block(axis.tick($0), ChartDrawing.smallStyle).width }.max() ?? 0
        let plot = Plot(
            start: start + tickWidth + 5, width: width - tickWidth - 5, inset: widestLabel(canvas.setter) / 2,
            top: top, height: height, count: labels.count, axis: axis)
        for tick in ticks {
            let y = plot.top(of: tick)
            canvas.line([(plot.start, y), (plot.start + plot.width, y)], .line)
            canvas.text(
                axis.tick(tick), ChartDrawing.smallStyle, start: start + tickWidth, baseline: y + 2, .grey,
                alignment: .end)
        }
        for run in runs(of: panel.marks) { draw(run, plot, on: canvas) }
        drawLabels(plot, panel, on: canvas)
    }

    /// The stretches of marks without a gap between.
    private func runs(of marks: [Chart.Mark?]) -> [[(position: Int, mark: Chart.Mark)]] {
        var runs: [[(position: Int, mark: Chart.Mark)]] = [[]]
        for (position, mark) in marks.enumerated() {
            if let mark {
                runs[runs.count - 1].append((position, mark))
            } else if runs.last?.isEmpty == false {
                runs.append([])
            }
        }
        return runs.filter { !$0.isEmpty }
    }

    private func draw(_ run: [(position: Int, mark: Chart.Mark)], _ plot: Plot, on canvas: PageCanvas) {
        let band = run.filter { $0.mark.interval != nil }
        if band.count > 1 {
            let upper = band.map {
                (start: plot.place(of: $0.position), top: plot.top(of: $0.mark.interval?.upperBound ?? 0))
            }
            let lower = band.map {
                (start: plot.place(of: $0.position), top: plot.top(of: $0.mark.interval?.lowerBound ?? 0))
            }
            canvas.polygon(upper + lower.reversed(), .paleBlue)
        } else if let only = band.first, let interval = only.mark.interval {
            let place = plot.place(of: only.position)
            canvas.line(
                [(place, plot.top(of: interval.lowerBound)), (place, plot.top(of: interval.upperBound))], .paleBlue,
                width: 2)
        }
        canvas.line(
            run.map { (start: plot.place(of: $0.position), top: plot.top(of: $0.mark.value)) }, .blue,
            width: isSingle ? 1.6 : 1.1)
        for (position, mark) in run {
            canvas.dot(
                start: plot.place(of: position), top: plot.top(of: mark.value), radius: isSingle ? 2 : 1.3, .blue,
                isHollow: mark.isUncertain)
        }
    }

    /// Labels below: as many as there is room for, and on a large chart the samples of each.
    private func drawLabels(_ plot: Plot, _ panel: Chart.Series, on canvas: PageCanvas) {
        let style = ChartDrawing.smallStyle
        let widest = widestLabel(canvas.setter)
        let most = max(1, Int(plot.width / (widest + 6)))
        let step = max(1, (labels.count + most - 1) / most)
        let baseline = plot.bottom + 10
        for position in stride(from: labels.count - 1, through: 0, by: -step) {
            let place = plot.place(of: position)
            canvas.line([(place, plot.bottom), (place, plot.bottom + 2)], .grey)
            canvas.text(
                labels[position], style, start: place, baseline: baseline, .grey, alignment: .center,
                direction: .content)
            if isSingle, let samples = panel.marks[position]?.samples {
                let words = axis.formatter.catalogue.text(.samplesShort, ["n": axis.formatter.count(samples)])
                canvas.text(
                    words, TextSetter.Style(size: 5.5), start: place, baseline: baseline + 9, .grey, alignment: .center)
            }
        }
    }

    private func widestLabel(_ setter: TextSetter) -> Double {
        labels.map { setter.block($0, ChartDrawing.smallStyle, direction: .content).width }.max() ?? 0
    }

    /// Where months and values lie.
    private struct Plot {
        let start: Double
        let width: Double
        /// What the first and last label need beside their places.
        let inset: Double
        let top: Double
        let height: Double
        let count: Int
        let axis: ValueAxis

        var bottom: Double { top + height }

        func place(of position: Int) -> Double {
            count < 2
                ? start + width / 2
                : start + inset + (width - 2 * inset) * Double(position) / Double(count - 1)
        }

        func top(of value: Double) -> Double { bottom - height * axis.position(value) }
    }
}
