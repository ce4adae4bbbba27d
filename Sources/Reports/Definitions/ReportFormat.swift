/// A form in which a report is written to a file.
public enum ReportFormat: String, CaseIterable, Sendable {
    /// Comma-separated values, for programs.
    case csv
    /// An Excel workbook, to go on working with.
    case xlsx
    /// A document, to read and print.
    case pdf

    /// The ending of file names.
    public var fileExtension: String { rawValue }
}
