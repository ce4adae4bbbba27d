import Domain

/// Fills page after page from top to bottom, with a foot on each.
final class PageFlow {
    static let margin = 42.0
    private static let footHeight = 30.0

    let canvas: PageCanvas
    private let report: Report
    /// How many pages there are; `nil` while they are counted.
    private let pages: Int?
    /// Where the next thing begins, from the top of the page.
    var top = PageFlow.margin

    init(_ canvas: PageCanvas, report: Report, pages: Int?) {
        self.canvas = canvas
        self.report = report
        self.pages = pages
    }

    static func bodyWidth(of size: PageSize) -> Double { size.width - 2 * margin }

    var start: Double { Self.margin }
    var width: Double { Self.bodyWidth(of: canvas.size) }
    var bottom: Double { canvas.size.height - Self.margin - Self.footHeight + 8 }
    /// What is left of the page.
    var room: Double { bottom - top }
    /// Whether nothing stands on the page yet.
    var isAtTop: Bool { top <= Self.margin }

    /// Begins a page where less than `height` is left, unless the page is empty anyway.
    func reserve(_ height: Double) throws {
        if height > room, !isAtTop { try endPage() }
    }

    /// Draws the foot and goes on to the next page.
    func endPage() throws {
        let style = TextSetter.Style(size: 6.5)
        let top = canvas.size.height - Self.margin - 4
        canvas.line([(start, top - 12), (start + width, top - 12)], .line)
        canvas.text(report.origin, style, start: start, baseline: top, .grey)
        let formatter = report.formatter
        let page = formatter.catalogue.text(
            .page, ["page": formatter.count(canvas.page), "pages": formatter.count(pages ?? canvas.page)])
        canvas.text(page, style, start: start + width, baseline: top, .grey, alignment: .end)
        try canvas.turnPage()
        self.top = Self.margin
    }

    /// How high a paragraph across the page is.
    func height(of text: String, size: Double, isBold: Bool = false) -> Double {
        text.isEmpty
            ? 0 : canvas.setter.block(text, TextSetter.Style(size: size, isBold: isBold), width: width).height
    }

    /// Writes a paragraph across the page, after which there is a gap.
    func paragraph(_ text: String, size: Double, isBold: Bool = false, _ color: Palette = .ink, gap: Double = 3) throws
    {
        guard !text.isEmpty else { return }
        let style = TextSetter.Style(size: size, isBold: isBold)
        try reserve(height(of: text, size: size, isBold: isBold))
        top += canvas.paragraph(text, style, start: start, top: top, width: width, color) + gap
    }
}
