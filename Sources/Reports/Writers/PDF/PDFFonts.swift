import CPangoCairo

/// The fonts that PDFs are set in.
public enum PDFFonts {
    static let latin = "Noto Sans"
    static let arabic = "Noto Naskh Arabic"
    /// Has the minus and other signs that the others lack.
    static let signs = "Noto Sans Math"

    /// Looks whether all of them are installed.
    ///
    /// - Throws: `ReportError.missingFont`.
    public static func check() throws {
        var families: UnsafeMutablePointer<UnsafeMutablePointer<PangoFontFamily>?>?
        var count: Int32 = 0
        pango_font_map_list_families(pango_cairo_font_map_get_default(), &families, &count)
        defer { g_free(families) }
        let names = (0..<Int(count)).compactMap { position in
            pango_font_family_get_name(families?[position]).map { String(cString: $0) }
        }
        for needed in [latin, arabic, signs] where !names.contains(needed) {
            throw ReportError.missingFont(name: needed)
        }
    }
}
