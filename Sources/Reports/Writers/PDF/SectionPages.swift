import Domain

/// Draws a section: its title, what it shows, its charts and its table.
struct SectionPages {
    let report: Report
    let section: ReportSection
    let table: TableLayout

    /// What must stand below a title, so that it is not left alone at the foot of a page.
    private static let keptWithTitle = 110.0

    func draw(on flow: PageFlow) throws {
        let canvas = flow.canvas
        let title = section.title(in: report)
        let charts = section.matching.rows == 0 ? [] : section.charts.map { ChartDrawing($0, report: report) }
        let first = charts.first.map { $0.height(width: flow.width, canvas.setter) } ?? 0
        try flow.reserve(min(Self.keptWithTitle + first, flow.bottom - PageFlow.margin))
        canvas.addBookmark(title, top: flow.top)
        if report.sections.count > 1 {
            canvas.fill(start: flow.start, top: flow.top, width: flow.width, height: 1, .navy)
            flow.top += 5
            try flow.paragraph(title, size: 13, isBold: true, .navy, gap: 1)
        }
        try flow.paragraph(section.definition.notes.text(in: report.language) ?? "", size: 8.5, gap: 1)
        try flow.paragraph(section.conditions(report.formatter), size: 8, .grey, gap: 6)
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
