extension StringProtocol {
    /// The text with a space for each end of a line and the blanks around it.
    package var onOneLine: String {
        split(whereSeparator: \.isNewline).map { $0.drop { $0 == " " } }.joined(separator: " ")
    }
}
