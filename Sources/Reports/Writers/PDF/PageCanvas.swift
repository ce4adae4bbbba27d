import CPangoCairo
import Domain
import Foundation

/// A4, in points.
struct PageSize {
    let width: Double
    let height: Double

    static let portrait = PageSize(width: 595.28, height: 841.89)
    static let landscape = PageSize(width: 841.89, height: 595.28)
}

/// Pages to draw on, or to try out where drawing would end up.
///
/// Horizontal places are counted from the side where reading begins, so that a page for Persian or Arabic is the mirror
/// image of one for English without a word about it in what is drawn.
final class PageCanvas {
    let size: PageSize
    let isRightToLeft: Bool
    let setter: TextSetter
    /// The page at hand, from 1.
    private(set) var page = 1
    private let output: PDFOutput?
    private var color: Palette?

    private var cairo: OpaquePointer? { output?.context }

    /// - Parameter output: `nil` to try out only.
    init(size: PageSize, isRightToLeft: Bool, setter: TextSetter, output: PDFOutput?) {
        self.size = size
        self.isRightToLeft = isRightToLeft
        self.setter = setter
        self.output = output
    }

    /// Ends the page.
    func turnPage() throws {
        page += 1
        color = nil
        try output?.turnPage()
    }

    /// Adds a bookmark to the page at hand.
    func addBookmark(_ title: String, top: Double) {
        output?.addBookmark(title, page: page, top: top)
    }

    // MARK: Places

    /// Where a box that begins at `start` begins on paper.
    private func left(_ start: Double, width: Double = 0) -> Double {
        isRightToLeft ? size.width - start - width : start
    }

    private func use(_ color: Palette) {
        guard self.color != color else { return }
        self.color = color
        let (red, green, blue) = color.components
        cairo_set_source_rgb(cairo, red, green, blue)
    }

    // MARK: Shapes

    func fill(start: Double, top: Double, width: Double, height: Double, _ color: Palette) {
        guard let cairo else { return }
        use(color)
        cairo_rectangle(cairo, left(start, width: width), top, width, height)
        cairo_fill(cairo)
    }

    func outline(start: Double, top: Double, width: Double, height: Double, _ color: Palette, isDashed: Bool = false) {
        guard let cairo else { return }
        use(color)
        cairo_set_line_width(cairo, 0.6)
        setDash(isDashed ? [2, 1.5] : [])
        cairo_rectangle(cairo, left(start, width: width), top, width, height)
        cairo_stroke(cairo)
        setDash([])
    }

    /// Fills a box with slanted lines.
    func hatch(start: Double, top: Double, width: Double, height: Double, _ color: Palette) {
        guard let cairo, width > 0 else { return }
        use(color)
        cairo_save(cairo)
        let left = left(start, width: width)
        cairo_rectangle(cairo, left, top, width, height)
        cairo_clip(cairo)
        cairo_set_line_width(cairo, 0.5)
        for offset in stride(from: -height, to: width, by: 3) {
            cairo_move_to(cairo, left + offset, top + height)
            cairo_line_to(cairo, left + offset + height, top)
        }
        cairo_stroke(cairo)
        cairo_restore(cairo)
        self.color = nil
    }

    /// A line through points.
    func line(_ points: [(start: Double, top: Double)], _ color: Palette, width: Double = 0.5) {
        guard let cairo, let first = points.first else { return }
        use(color)
        cairo_set_line_width(cairo, width)
        cairo_move_to(cairo, left(first.start), first.top)
        for point in points.dropFirst() { cairo_line_to(cairo, left(point.start), point.top) }
        cairo_stroke(cairo)
    }

    /// A filled polygon.
    func polygon(_ points: [(start: Double, top: Double)], _ color: Palette) {
        guard let cairo, let first = points.first else { return }
        use(color)
        cairo_move_to(cairo, left(first.start), first.top)
        for point in points.dropFirst() { cairo_line_to(cairo, left(point.start), point.top) }
        cairo_close_path(cairo)
        cairo_fill(cairo)
    }

    /// A dot; a hollow one has paper inside.
    func dot(start: Double, top: Double, radius: Double, _ color: Palette, isHollow: Bool = false) {
        guard let cairo else { return }
        cairo_new_path(cairo)
        cairo_arc(cairo, left(start), top, radius, 0, 2 * .pi)
        use(isHollow ? .paper : color)
        cairo_fill_preserve(cairo)
        use(color)
        cairo_set_line_width(cairo, 1)
        cairo_stroke(cairo)
    }

    /// A triangle that points up or down, inside a square.
    func triangle(start: Double, top: Double, side: Double, pointsUp: Bool, _ color: Palette) {
        let (base, peak) = pointsUp ? (top + side, top) : (top, top + side)
        polygon([(start, base), (start + side, base), (start + side / 2, peak)], color)
    }

    private func setDash(_ lengths: [Double]) {
        cairo_set_dash(cairo, lengths, Int32(lengths.count), 0)
    }

    // MARK: Text

    /// Draws a text whose box begins at `start` and has its first line's base at `baseline`.
    func draw(_ block: TextBlock, start: Double, width: Double? = nil, baseline: Double, _ color: Palette) {
        guard let cairo else { return }
        use(color)
        block.show(on: cairo, x: left(start, width: width ?? block.width), y: baseline - block.baseline)
    }

    /// Sets and draws a text on one line.
    func text(
        _ text: String, _ style: TextSetter.Style, start: Double, baseline: Double, _ color: Palette = .ink,
        alignment: TextSetter.Alignment = .start, direction: TextSetter.Direction = .report
    ) {
        let block = setter.block(text, style, direction: direction)
        let shift =
            switch alignment {
            case .start: 0.0
            case .center: block.width / 2
            case .end: block.width
            }
        draw(block, start: start - shift, baseline: baseline, color)
    }

    /// Sets and draws a text inside a width.
    ///
    /// - Returns: its height.
    @discardableResult
    func paragraph(
        _ text: String, _ style: TextSetter.Style, start: Double, top: Double, width: Double, _ color: Palette = .ink,
        alignment: TextSetter.Alignment = .start, direction: TextSetter.Direction = .report, lines: Int = 1000
    ) -> Double {
        guard !text.isEmpty else { return 0 }
        let block = setter.block(
            text, style, direction: direction, width: width, alignment: alignment, lines: lines)
        draw(block, start: start, width: width, baseline: top + block.baseline, color)
        return block.height
    }
}
