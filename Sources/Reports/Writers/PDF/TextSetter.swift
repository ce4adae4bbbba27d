import CPangoCairo
import Domain

/// Sets text with Pango: shapes it, wraps it, and remembers what it set, since names and numbers repeat.
final class TextSetter {
    /// The size and weight of a text.
    struct Style: Hashable {
        let size: Double
        var isBold = false
    }

    /// Towards which side of its box a text stands, in the report's direction.
    enum Alignment: Hashable {
        case start, end, center
    }

    /// Whose direction a text has.
    enum Direction: Hashable {
        /// That of the report: phrases and numbers.
        case report
        /// That of its first letter, else from left to right: what people entered.
        case content
    }

    private struct Key: Hashable {
        let text: String
        let style: Style
        let direction: Direction
        let width: Double
        let alignment: Alignment
        let lines: Int
    }

    /// Texts that are remembered; then all are forgotten, so that memory stays bounded.
    private static let mostRemembered = 4096
    /// The most characters of a text that are set; a longer one ends in an ellipsis.
    private static let longestText = 4000

    /// Characters that no installed font has, of all texts that were set.
    private(set) var missing: Set<Unicode.Scalar> = []
    private let contexts: [TextDirection: OpaquePointer]
    private let attributes: OpaquePointer?
    private let language: Language
    private var fonts: [Style: OpaquePointer] = [:]
    private var remembered: [Key: TextBlock] = [:]
    private var lineHeights: [Style: (height: Double, baseline: Double)] = [:]

    /// - Throws: `ReportError.missingFont`.
    init(_ language: Language) throws {
        self.language = language
        try PDFFonts.check()
        contexts = [
            .leftToRight: Self.context(language, PANGO_DIRECTION_LTR),
            .rightToLeft: Self.context(language, PANGO_DIRECTION_RTL),
        ]
        // Noto Naskh Arabic has the digits of Urdu as the local forms of every language, Persian too.
        attributes = pango_attr_list_new()
        pango_attr_list_insert(attributes, pango_attr_font_features_new("locl=0"))
    }

    private static func context(_ language: Language, _ direction: PangoDirection) -> OpaquePointer {
        guard let context = pango_font_map_create_context(pango_cairo_font_map_get_default()) else {
            preconditionFailure("Pango made no context")
        }
        pango_cairo_context_set_resolution(context, 72)
        pango_context_set_base_dir(context, direction)
        pango_context_set_language(context, pango_language_from_string(language.rawValue))
        pango_context_set_round_glyph_positions(context, 0)
        let options = cairo_font_options_create()
        cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
        cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
        pango_cairo_context_set_font_options(context, options)
        cairo_font_options_destroy(options)
        return context
    }

    deinit {
        remembered.removeAll()
        pango_attr_list_unref(attributes)
        for font in fonts.values { pango_font_description_free(font) }
        for context in contexts.values { g_object_unref(UnsafeMutableRawPointer(context)) }
    }

    // MARK: Setting

    /// Sets a text on one line, or on several inside a width; what passes `lines` ends in an ellipsis.
    func block(
        _ text: String, _ style: Style, direction: Direction = .report, width: Double? = nil,
        alignment: Alignment = .start, lines: Int = 1000
    ) -> TextBlock {
        let key = Key(
            text: text, style: style, direction: direction, width: width ?? 0, alignment: alignment, lines: lines)
        if let block = remembered[key] { return block }
        if remembered.count >= Self.mostRemembered { remembered.removeAll(keepingCapacity: true) }
        let block = set(key)
        remembered[key] = block
        return block
    }

    private func set(_ key: Key) -> TextBlock {
        let text = Self.printable(key.text)
        let ownDirection: TextDirection =
            switch key.direction {
            case .report: language.isRightToLeft ? .rightToLeft : .leftToRight
            case .content: TextDirection(ofEntered: text)
            }
        guard let layout = pango_layout_new(contexts[ownDirection]) else {
            preconditionFailure("Pango made no layout")
        }
        pango_layout_set_font_description(layout, font(key.style))
        pango_layout_set_attributes(layout, attributes)
        pango_layout_set_auto_dir(layout, 0)
        if key.width > 0 {
            pango_layout_set_width(layout, Int32(key.width * Double(PANGO_SCALE)))
            pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR)
            pango_layout_set_height(layout, -Int32(key.lines))
            pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END)
            pango_layout_set_alignment(layout, side(key.alignment))
        }
        pango_layout_set_text(layout, text, -1)
        if pango_layout_get_unknown_glyphs_count(layout) > 0 {
            let unknown = MissingGlyphs.characters(of: layout)
            missing.formUnion(unknown)
            pango_layout_set_text(layout, MissingGlyphs.replaced(unknown, in: text), -1)
        }
        return TextBlock(layout)
    }

    private func side(_ alignment: Alignment) -> PangoAlignment {
        if alignment == .center { return PANGO_ALIGN_CENTER }
        return (alignment == .start) != language.isRightToLeft ? PANGO_ALIGN_LEFT : PANGO_ALIGN_RIGHT
    }

    /// One paragraph without control characters.
    private static func printable(_ text: String) -> String {
        let isPlain =
            text.utf8.count <= longestText && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
            && !text.utf8.contains(0xE2)  // line and paragraph separators among others
        guard !isPlain else { return text }
        var scalars = String.UnicodeScalarView()
        for (position, scalar) in text.unicodeScalars.enumerated() {
            if position == longestText {
                scalars.append("…")
                break
            }
            let isControl =
                scalar.properties.generalCategory == .control || scalar == "\u{2028}" || scalar == "\u{2029}"
            scalars.append(isControl ? " " : scalar)
        }
        return String(scalars)
    }

    private func font(_ style: Style) -> OpaquePointer? {
        if let font = fonts[style] { return font }
        let (latin, arabic) = (PDFFonts.latin, PDFFonts.arabic)
        let families =
            (language.isRightToLeft ? [arabic, latin] : [latin, arabic]) + [PDFFonts.signs] + PDFFonts.fallbacks
        let font = pango_font_description_new()
        pango_font_description_set_family(font, families.joined(separator: ","))
        pango_font_description_set_absolute_size(font, style.size * Double(PANGO_SCALE))
        pango_font_description_set_weight(font, style.isBold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL)
        if let font { fonts[style] = font }
        return font
    }

    /// Height and baseline of a line that has letters of all scripts.
    func line(_ style: Style) -> (height: Double, baseline: Double) {
        if let line = lineHeights[style] { return line }
        let block = block("Ágyگچ١", style)
        let line = (height: block.height, baseline: block.baseline)
        lineHeights[style] = line
        return line
    }
}

/// A text that is set.
final class TextBlock {
    /// Of its longest line.
    let width: Double
    let height: Double
    /// From the top to the base of the first line.
    let baseline: Double
    let lines: Int
    /// Keeps the fonts of the runs alive.
    private let layout: OpaquePointer
    private let runs: [GlyphRun]

    fileprivate init(_ layout: OpaquePointer) {
        self.layout = layout
        var extents = PangoRectangle()
        pango_layout_get_extents(layout, nil, &extents)
        width = Double(extents.width) / Double(PANGO_SCALE)
        height = Double(extents.height) / Double(PANGO_SCALE)
        baseline = Double(pango_layout_get_baseline(layout)) / Double(PANGO_SCALE)
        lines = Int(pango_layout_get_line_count(layout))
        runs = Self.runs(of: layout)
    }

    deinit {
        g_object_unref(UnsafeMutableRawPointer(layout))
    }

    private static func runs(of layout: OpaquePointer) -> [GlyphRun] {
        guard let text = pango_layout_get_text(layout), let iterator = pango_layout_get_iter(layout) else { return [] }
        defer { pango_layout_iter_free(iterator) }
        var runs: [GlyphRun] = []
        repeat {
            guard let run = pango_layout_iter_get_run_readonly(iterator) else { continue }
            var extents = PangoRectangle()
            pango_layout_iter_get_run_extents(iterator, nil, &extents)
            let baseline = Double(pango_layout_iter_get_baseline(iterator)) / Double(PANGO_SCALE)
            if let run = GlyphRun(
                run, text: text, start: Double(extents.x) / Double(PANGO_SCALE), baseline: baseline)
            {
                runs.append(run)
            }
        } while pango_layout_iter_next_run(iterator) != 0
        // Pango goes from left to right; readers of the PDF find the text in the order in which it is drawn.
        return runs.sorted { $0.offset < $1.offset }
    }

    /// Draws the text with its box's corner at a place.
    func show(on cairo: OpaquePointer, x: Double, y: Double) {
        for run in runs { run.show(on: cairo, x: x, y: y) }
    }
}
