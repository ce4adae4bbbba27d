import Domain

/// The head of the first page: title, origin and headline figures.
struct Cover {
    let report: Report

    private static let titleStyle = TextSetter.Style(size: 20, isBold: true)
    private static let labelStyle = TextSetter.Style(size: 7.5)
    private static let valueStyle = TextSetter.Style(size: 17, isBold: true)
    private static let detailStyle = TextSetter.Style(size: 7)
    private static let gap = 8.0

    func draw(on flow: PageFlow) throws {
        let canvas = flow.canvas
        let (catalogue, formatter) = (report.formatter.catalogue, report.formatter)
        let title = canvas.setter.block(report.title, Self.titleStyle, width: flow.width - 28, lines: 3)
        let day = "\(catalogue.text(.asOf)) \(formatter.longDay(report.asOf))"
        let line = canvas.setter.line(TextSetter.Style(size: 10))
        let height = title.height + line.height + 22
        canvas.fill(start: flow.start, top: flow.top, width: flow.width, height: height, .navy)
        canvas.draw(
            title, start: flow.start + 14, width: flow.width - 28, baseline: flow.top + 9 + title.baseline, .paper)
        canvas.text(
            day, TextSetter.Style(size: 10), start: flow.start + 14,
            baseline: flow.top + 11 + title.height + line.baseline, .paper)
        flow.top += height + Self.gap
        try drawFigures(on: flow)
        if let note = try report.recordsNote() {
            try flow.paragraph(note, size: 8, isBold: true, .vermilion, gap: Self.gap)
        }
        if report.sections.allSatisfy({ $0.matching.rows == 0 }) {
            try flow.paragraph(catalogue.text(.nothing), size: 12, isBold: true, gap: Self.gap)
        }
        flow.top += 4
    }

    private func drawFigures(on flow: PageFlow) throws {
        let perLine = min(report.figures.count, flow.width > 600 ? 5 : report.figures.count == 5 ? 5 : 4)
        var rest = report.figures[...]
        while !rest.isEmpty {
            let line = Array(rest.prefix(perLine))
            rest = rest.dropFirst(line.count)
            // The last line is as wide as the others.
            let width = (flow.width - Self.gap * Double(line.count - 1)) / Double(line.count)
            let tile = line.map { height(of: $0, width: width, flow.canvas.setter) }.max() ?? 0
            try flow.reserve(tile)
            for (position, figure) in line.enumerated() {
                let start = flow.start + Double(position) * (width + Self.gap)
                draw(figure, on: flow.canvas, start: start, top: flow.top, width: width, height: tile)
            }
            flow.top += tile + Self.gap
        }
    }

    private static let padding = 8.0

    private func height(of figure: Figure, width: Double, _ setter: TextSetter) -> Double {
        let inner = width - 2 * Self.padding
        return setter.block(figure.label, Self.labelStyle, width: inner).height + setter.line(Self.valueStyle).height
            + setter.block(figure.detail, Self.detailStyle, width: inner).height + 12
    }

    private func draw(
        _ figure: Figure, on canvas: PageCanvas, start: Double, top: Double, width: Double, height: Double
    ) {
        canvas.fill(start: start, top: top, width: width, height: height, .band)
        canvas.fill(start: start, top: top, width: 2.5, height: height, figure.isUncertain ? .paleBlue : .blue)
        let inner = (start: start + Self.padding, width: width - 2 * Self.padding)
        var lineTop = top + 5
        lineTop += canvas.paragraph(
            figure.label, Self.labelStyle, start: inner.start, top: lineTop, width: inner.width, .ink)
        let line = canvas.setter.line(Self.valueStyle)
        canvas.text(
            figure.value, Self.valueStyle, start: inner.start, baseline: lineTop + line.baseline,
            figure.isUncertain ? .grey : .navy)
        lineTop += line.height
        canvas.paragraph(figure.detail, Self.detailStyle, start: inner.start, top: lineTop, width: inner.width, .grey)
    }
}
