import Configuration

/// Writes a report as a PDF to read and print.
///
/// The pages are laid out twice with the same code: once to count them, once to draw them.
struct PDFWriter {
    private let report: Report

    init(_ report: Report) {
        self.report = report
    }

    /// - Returns: the characters that no installed font has.
    func write(to file: OutputFile) throws -> Set<Unicode.Scalar> {
        let setter = try TextSetter(report.language)
        let tables = report.sections.map { TableLayout($0, report: report, setter: setter) }
        // Somewhat smaller letters are better than a page that has to be turned.
        let isWide = tables.contains { $0.naturalWidth * 7 / 8 > PageFlow.bodyWidth(of: .portrait) }
        let size = isWide ? PageSize.landscape : .portrait
        let fitted = tables.map { $0.fitted(to: PageFlow.bodyWidth(of: size)) }

        let pages = try layOut(fitted, on: canvas(size, setter, nil), pages: nil)
        let output = PDFOutput(file, size: size)
        output.setMetadata(title: report.title, subject: report.origin, day: report.asOf)
        _ = try layOut(fitted, on: canvas(size, setter, output), pages: pages)
        try output.finish(report.language)
        return setter.missing
    }

    private func canvas(_ size: PageSize, _ setter: TextSetter, _ output: PDFOutput?) -> PageCanvas {
        PageCanvas(size: size, isRightToLeft: report.language.isRightToLeft, setter: setter, output: output)
    }

    /// - Returns: how many pages there are.
    private func layOut(_ tables: [TableLayout], on canvas: PageCanvas, pages: Int?) throws -> Int {
        let flow = PageFlow(canvas, report: report, pages: pages)
        try Cover(report: report).draw(on: flow)
        for (section, table) in zip(report.sections, tables) {
            try SectionPages(report: report, section: section, table: table).draw(on: flow)
        }
        try flow.endPage()
        return canvas.page - 1
    }
}
