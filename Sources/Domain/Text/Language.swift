/// A language that reports are written in.
public enum Language: String, CaseIterable, Sendable {
    /// English.
    case english = "en"
    /// Persian.
    case persian = "fa"
    /// Arabic.
    case arabic = "ar"

    /// Whether it is written from right to left.
    public var isRightToLeft: Bool { self != .english }
}
