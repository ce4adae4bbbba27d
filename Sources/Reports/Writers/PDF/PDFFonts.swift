import CPangoCairo

/// The fonts that PDFs are set in.
public enum PDFFonts {
    static let latin = "Noto Sans"
    static let arabic = "Noto Naskh Arabic"
    /// Has the minus and other signs that the others lack.
    static let signs = "Noto Sans Math"
    /// Chinese, Japanese and Korean, and emoji: drawn where they are installed, in this order. Pango finds other fonts by
    /// itself.
    static let fallbacks = ["WenQuanYi Micro Hei", "Symbola"]

    /// Characters that names and comments may have beside those of the languages of reports.
    public enum Script: String, CaseIterable, Sendable {
        case chinese = "Chinese"
        case japanese = "Japanese"
        case korean = "Korean"
        case emoji

        fileprivate var sample: String {
            switch self {
            case .chinese: "草药"
            case .japanese: "くすりグ"
            case .korean: "한약"
            case .emoji: "😀🌿"
            }
        }

        /// The Debian package that has them.
        public var package: String { self == .emoji ? "fonts-symbola" : "fonts-wqy-microhei" }
    }

    /// The scripts that no installed font has, so that a PDF shows them as code points.
    ///
    /// - Throws: `ReportError.missingFont`.
    public static func missingScripts() throws -> [Script] {
        let setter = try TextSetter(.english)
        return Script.allCases.filter { script in
            _ = setter.block(script.sample, TextSetter.Style(size: 8))
            return !setter.missing.isDisjoint(with: script.sample.unicodeScalars)
        }
    }

    /// Checks that the fonts that every PDF needs are installed.
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
