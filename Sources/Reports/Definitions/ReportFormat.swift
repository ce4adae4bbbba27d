/// A form in which a report is written to a file.
public enum ReportFormat: String, CaseIterable, Sendable {
    /// Comma-separated values.
    case csv

    /// The ending of file names.
    public var fileExtension: String { rawValue }
}
