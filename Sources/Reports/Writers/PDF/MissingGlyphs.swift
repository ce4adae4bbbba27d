import CPangoCairo
import Domain

/// Characters that no installed font has: Pango would draw boxes, which all look alike. A PDF shows their code points
/// instead, such as `\u{1F970}`, so that different names stay different.
enum MissingGlyphs {
    /// The characters of a layout that no font has.
    static func characters(of layout: OpaquePointer) -> Set<Unicode.Scalar> {
        guard let iterator = pango_layout_get_iter(layout) else { return [] }
        defer { pango_layout_iter_free(iterator) }
        var found: Set<Unicode.Scalar> = []
        repeat {
            guard let run = pango_layout_iter_get_run_readonly(iterator), let glyphs = run.pointee.glyphs else {
                continue
            }
            for position in 0..<Int(glyphs.pointee.num_glyphs) {
                let glyph = glyphs.pointee.glyphs[position].glyph
                guard glyph & GlyphRun.unknownFlag != 0 else { continue }
                if let scalar = Unicode.Scalar(glyph & ~GlyphRun.unknownFlag) { found.insert(scalar) }
            }
        } while pango_layout_iter_next_run(iterator) != 0
        return found
    }

    /// The text with code points for some characters, isolated from left to right (U+2066 and U+2069).
    static func replaced(_ characters: Set<Unicode.Scalar>, in text: String) -> String {
        var result = String.UnicodeScalarView()
        var isInside = false
        for scalar in text.unicodeScalars {
            let isMissing = characters.contains(scalar)
            if isMissing != isInside {
                result.append(isMissing ? "\u{2066}" : "\u{2069}")
                isInside = isMissing
            }
            if isMissing {
                result.append(contentsOf: "\\u{\(scalar.codePoint)}".unicodeScalars)
            } else {
                result.append(scalar)
            }
        }
        if isInside { result.append("\u{2069}") }
        return String(result)
    }
}
