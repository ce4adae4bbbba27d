import CPangoCairo

/// Glyphs of one font in the order in which their text is read, and which of them stand for which letters: so that a PDF
/// gives the text back as it was.
struct GlyphRun {
    /// Kept alive by the layout that the run is of.
    private let font: OpaquePointer
    /// Where its text begins among the bytes of the layout's.
    let offset: Int
    private let text: [CChar]
    private var glyphs: [cairo_glyph_t] = []
    private var clusters: [cairo_text_cluster_t] = []

    private static let blank: UInt32 = 0x20
    /// What a glyph without width is moved to the left in text that runs from right to left, such as the alef of lam-alef:
    /// unseen, it keeps its order for readers of the PDF that go by places.
    private static let hair = 0.02
    private static let nonJoiner = "\u{200C}".utf8.map(CChar.init(bitPattern:))

    /// The run of a layout that begins at a place.
    ///
    /// - Parameters:
    ///   - text: all bytes of the layout's text.
    ///   - start, baseline: where it begins inside the layout.
    init?(_ run: UnsafeMutablePointer<PangoLayoutRun>, text: UnsafePointer<CChar>, start: Double, baseline: Double) {
        guard let item = run.pointee.item, let shaped = run.pointee.glyphs, let pangoFont = item.pointee.analysis.font,
            let font = pango_cairo_font_get_scaled_font(OpaquePointer(pangoFont))
        else { return nil }
        self.font = font
        offset = Int(item.pointee.offset)
        let letters = Array(UnsafeBufferPointer(start: text + offset, count: Int(item.pointee.length)))
        let isBackward = item.pointee.analysis.level & 1 == 1
        var parts = Self.parts(
            of: shaped, letters: letters, pangoFont, isBackward: isBackward, start: start, baseline: baseline)
        if item.pointee.analysis.flags & Self.isEllipsis != 0 {
            // Else it would stand for all that is left out.
            self.text = "…".utf8.map(CChar.init(bitPattern:))
            glyphs = parts.compactMap(\.glyph)
            clusters = [cairo_text_cluster_t(num_bytes: Int32(self.text.count), num_glyphs: Int32(glyphs.count))]
            return
        }
        if isBackward { parts.reverse() }
        self.text = letters
        var position = 0
        while position < parts.count {
            let byte = parts[position].byte
            let members = parts[position...].prefix { $0.byte == byte }
            position += members.count
            let end = position < parts.count ? parts[position].byte : letters.count
            let drawn = members.compactMap(\.glyph)
            glyphs += drawn
            clusters.append(cairo_text_cluster_t(num_bytes: Int32(end - byte), num_glyphs: Int32(drawn.count)))
        }
    }

    /// What stands for letters: a glyph, or nothing, and the byte at which the letters begin.
    private typealias Part = (byte: Int, glyph: cairo_glyph_t?)

    /// The parts from left to right.
    private static func parts(
        of shaped: UnsafeMutablePointer<PangoGlyphString>, letters: [CChar], _ font: UnsafeMutablePointer<PangoFont>,
        isBackward: Bool, start: Double, baseline: Double
    ) -> [Part] {
        var pen = start
        return (0..<Int(shaped.pointee.num_glyphs)).map { position in
            let info = shaped.pointee.glyphs[position]
            let byte = Int(shaped.pointee.log_clusters[position])
            var x = pen + points(info.geometry.x_offset)
            if isBackward, info.geometry.width == 0 { x -= hair }
            pen += points(info.geometry.width)
            // What no font has is drawn as the box that stands for it, and copied as what it is.
            var glyph: UInt32? = info.glyph & unknownFlag == 0 ? info.glyph : 0
            if info.glyph == emptyGlyph {
                // Pango draws nothing for a non-joiner, and then readers of the PDF lose it. A blank stands for it.
                glyph = letters[byte...].starts(with: nonJoiner) ? Self.glyph(of: blank, in: font) : nil
            }
            let y = baseline + points(info.geometry.y_offset)
            return (byte, glyph.map { cairo_glyph_t(index: UInt($0), x: x, y: y) })
        }
    }

    /// Draws the run with the layout's corner at a place.
    func show(on cairo: OpaquePointer, x: Double, y: Double) {
        var placed = glyphs
        for position in placed.indices {
            placed[position].x += x
            placed[position].y += y
        }
        cairo_set_scaled_font(cairo, font)
        cairo_show_text_glyphs(
            cairo, text, Int32(text.count), placed, Int32(placed.count), clusters, Int32(clusters.count),
            cairo_text_cluster_flags_t(0))
    }

    /// PANGO_GLYPH_EMPTY and PANGO_GLYPH_UNKNOWN_FLAG, which Swift does not see as they are casts.
    private static let emptyGlyph: PangoGlyph = 0x0FFF_FFFF
    static let unknownFlag: PangoGlyph = 0x1000_0000

    /// PANGO_ANALYSIS_FLAG_IS_ELLIPSIS.
    private static let isEllipsis: UInt8 = 1 << 1

    private static func points(_ units: Int32) -> Double { Double(units) / Double(PANGO_SCALE) }

    private static func glyph(of scalar: UInt32, in font: UnsafeMutablePointer<PangoFont>) -> UInt32? {
        var glyph: UInt32 = 0
        return hb_font_get_nominal_glyph(pango_font_get_hb_font(font), scalar, &glyph) != 0 ? glyph : nil
    }
}
