import Domain

/// Draws a section: its title, what it shows, its charts and its table.
struct SectionPages {
    let report: Report
    let section: ReportSection
    let table: TableLayout

    /// Rows of a table that are not left alone below a title.
    private static let leastTable = 70.0
    private static let titleSize = 13.0
    private static let noteSize = 8.5
    private static let conditionsSize = 8.0

    func draw(on flow: PageFlow) throws {
        let canvas = flow.canvas
        let title = section.title(in: report)
        let note = section.definition.notes.text(in: report.language) ?? ""
        let conditions = section.conditions(report.formatter)
        let charts = section.matching.rows == 0 ? [] : section.charts.map { ChartDrawing($0, report: report) }
        let head =
            flow.height(of: title, size: Self.titleSize, isBold: true)
            + flow.height(of: note, size: Self.noteSize) + flow.height(of: conditions, size: Self.conditionsSize) + 14
        try flow.reserve(head + (charts.first?.reservedHeight(on: flow, below: head) ?? Self.leastTable))
        canvas.addBookmark(title, top: flow.top)
        if report.sections.count > 1 {
            canvas.fill(start: flow.start, top: flow.top, width: flow.width, height: 1, .navy)
            flow.top += 5
            try flow.paragraph(title, size: Self.titleSize, isBold: true, .navy, gap: 1)
        }
        try flow.paragraph(note, size: Self.noteSize, gap: 1)
        try flow.paragraph(conditions, size: Self.conditionsSize, .grey, gap: 6)
        guard section.matching.rows > 0 else {
            try flow.paragraph(report.formatter.catalogue.text(.noRows), size: 10, gap: 14)
            return
        }
        for chart in charts {
            try chart.draw(on: flow)
        }
        try table.draw(on: flow)
        flow.top += 12
    }
}
