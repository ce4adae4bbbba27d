import CXLSXWriter
import Domain

/// The formats of cells, made once each.
final class SheetStyles {
    /// How a cell looks apart from its number format.
    enum Look: Int, CaseIterable {
        case plain
        /// On few samples.
        case faint
        /// A significant change for the better or worse.
        case better, worse
        case title, subtitle, label, note, header, link
    }

    private struct Key: Hashable {
        let numberFormat: String
        let look: Look
        let isNumber: Bool
        /// The direction of its own, of what people entered; `nil` for the direction of the report.
        var direction: TextDirection?
    }

    private let workbook: Workbook
    private let language: Language
    private var formats: [Key: Workbook.Format] = [:]

    init(_ workbook: Workbook, _ language: Language) {
        self.workbook = workbook
        self.language = language
    }

    /// A font with the letters and digits of the language; where a computer lacks it, the spreadsheet finds another.
    private var fontName: String { language == .english ? "Calibri" : "Noto Sans Arabic" }

    /// Makes a spreadsheet show the digits of the language.
    private var digits: String {
        switch language {
        case .english: ""
        case .persian: "[$-3000429]"
        case .arabic: "[$-2000401]"
        }
    }

    /// The format of a text.
    func text(_ look: Look) throws -> Workbook.Format {
        try format(Key(numberFormat: "", look: look, isNumber: false))
    }

    /// The formats of the values of a column: what people entered has the direction of its first letter, else from left to
    /// right; anything else has one format.
    struct ValueFormat {
        let leftToRight: Workbook.Format
        let rightToLeft: Workbook.Format

        func of(_ text: String) -> Workbook.Format {
            leftToRight == rightToLeft || TextDirection(ofEntered: text) == .leftToRight ? leftToRight : rightToLeft
        }
    }

    /// The formats of a value of a column of a kind, one for each look, by its position.
    func values(_ kind: ColumnKind) throws -> [ValueFormat] {
        try Look.allCases.map { try value(kind, $0) }
    }

    /// The format of a value of a column of a kind.
    func value(_ kind: ColumnKind, _ look: Look) throws -> ValueFormat {
        let number: String? =
            switch kind {
            case .record: "0"
            case .count: "#,##0"
            case .share, .interval(of: .share): "0.0%"
            case .points: "+0.0%;-0.0%;0.0%"
            case .rating, .interval(of: .rating), .seconds: "0.00"
            case .probability: "0.000"
            case .day: language == .arabic ? "yyyy/mm/dd" : "yyyy-mm-dd"
            case .name, .note, .list, .word, .month: nil
            }
        guard let number else {
            guard kind.isEntered else {
                return try single(Key(numberFormat: "", look: look, isNumber: false))
            }
            func entered(_ direction: TextDirection) throws -> Workbook.Format {
                try format(Key(numberFormat: "", look: look, isNumber: false, direction: direction))
            }
            return ValueFormat(leftToRight: try entered(.leftToRight), rightToLeft: try entered(.rightToLeft))
        }
        let parts = number.split(separator: ";").map { digits + $0 }
        return try single(Key(numberFormat: parts.joined(separator: ";"), look: look, isNumber: true))
    }

    private func single(_ key: Key) throws -> ValueFormat {
        let format = try format(key)
        return ValueFormat(leftToRight: format, rightToLeft: format)
    }

    private func format(_ key: Key) throws -> Workbook.Format {
        if let format = formats[key] { return format }
        let format = try workbook.addFormat()
        format_set_font_name(format, fontName)
        format_set_font_size(format, Self.size(of: key.look))
        if !key.numberFormat.isEmpty { format_set_num_format(format, key.numberFormat) }
        // Numbers stand at the end of their column and texts at its start, whichever way their own letters run.
        if let direction = key.direction {
            format_set_reading_order(format, direction == .leftToRight ? 1 : 2)
        } else if language.isRightToLeft, !key.isNumber {
            format_set_reading_order(format, 2)
        }
        let isRight = key.isNumber != language.isRightToLeft
        format_set_align(format, UInt8((isRight ? LXW_ALIGN_RIGHT : LXW_ALIGN_LEFT).rawValue))
        if [.plain, .faint, .better, .worse].contains(key.look) {
            format_set_align(format, UInt8(LXW_ALIGN_VERTICAL_TOP.rawValue))
            if !key.isNumber { format_set_indent(format, 1) }
            if key.direction != nil { format_set_text_wrap(format) }
        }
        switch key.look {
        case .plain: break
        case .faint, .note, .subtitle: format_set_font_color(format, Palette.grey.rgb)
        case .better: Self.emphasise(format, Palette.blue)
        case .worse: Self.emphasise(format, Palette.vermilion)
        case .title, .label: format_set_bold(format)
        case .link: format_set_font_color(format, Palette.blue.rgb)
        case .header:
            format_set_bold(format)
            format_set_text_wrap(format)
            format_set_font_color(format, 0xFFFFFF)
            format_set_bg_color(format, Palette.navy.rgb)
            format_set_pattern(format, UInt8(LXW_PATTERN_SOLID.rawValue))
            format_set_align(format, UInt8(LXW_ALIGN_VERTICAL_CENTER.rawValue))
        }
        formats[key] = format
        return format
    }

    private static func size(of look: Look) -> Double {
        switch look {
        case .title: 18
        case .note, .subtitle: 10
        default: 11
        }
    }

    private static func emphasise(_ format: Workbook.Format, _ color: Palette) {
        format_set_bold(format)
        format_set_font_color(format, color.rgb)
    }
}
