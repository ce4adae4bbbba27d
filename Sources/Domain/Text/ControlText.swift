extension String {
    /// The text with U+FFFD in place of each control character other than a tab and the ends of a line; the text itself,
    /// uncopied, where there is none.
    package var withoutControls: String {
        guard unicodeScalars.contains(where: \.isRefusedControl) else { return self }
        return String(String.UnicodeScalarView(unicodeScalars.map { $0.isRefusedControl ? "\u{FFFD}" : $0 }))
    }
}

extension Unicode.Scalar {
    /// Whether it is a control of C0 or C1 other than a tab, a line feed and a carriage return.
    package var isRefusedControl: Bool {
        switch value {
        case 0x09, 0x0A, 0x0D: false
        case 0x00...0x1F, 0x7F...0x9F: true
        default: false
        }
    }
}
