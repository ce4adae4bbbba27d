extension String {
    /// Whether it contains a control character (general category Cc), such as U+0000 or a line feed.
    package var hasControlCharacters: Bool {
        unicodeScalars.contains { $0.properties.generalCategory == .control }
    }
}
