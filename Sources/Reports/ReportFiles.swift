import Configuration
public import Domain
public import Foundation

/// A report file that was written.
public struct ReportFile: Equatable, Sendable {
    /// Where it stands.
    public let url: URL
    /// Its format.
    public let format: ReportFormat
    /// Its size in bytes.
    public let size: Int
    /// Rows it shows.
    public let rows: Int
    /// Rows that the report could show without its limit.
    public let matchingRows: Int
    /// Characters of a PDF that no installed font has, which it shows as code points; sorted.
    public let missingCharacters: [Unicode.Scalar]

    private static let maxNamed = 8

    /// What to say of characters that no font has; `nil` where there are none.
    public var fontWarning: String? {
        guard let first = missingCharacters.first else { return nil }
        let named = missingCharacters.prefix(Self.maxNamed).map { "U+\($0.codePoint)" }.joined(separator: ", ")
        let rest = missingCharacters.count - Self.maxNamed
        return "\(url.relativePath): no installed font has \(named)\(rest > 0 ? " and \(rest) more" : ""), shown like "
            + "\\u{\(first.codePoint)}; 'avicenna doctor' names fonts, and the package fonts-unifont has nearly all"
    }
}

/// The name of a report file: `NAME-AS_OF.EXT`.
public struct ReportFileName: Hashable, Sendable, CustomStringConvertible {
    /// Name of the report.
    public let report: String
    /// The day that its numbers are of.
    public let asOf: Day
    /// Its format.
    public let format: ReportFormat

    /// The name of a file of a report.
    public init(report: String, asOf: Day, format: ReportFormat) {
        self.report = report
        self.asOf = asOf
        self.format = format
    }

    /// Reads a file's name; `nil` where it is none of a report.
    public init?(_ name: String) {
        guard let dot = name.lastIndex(of: "."),
            let format = ReportFormat.allCases.first(where: { $0.fileExtension == name[name.index(after: dot)...] }),
            let asOf = Day(String(name[..<dot].suffix(10)))
        else { return nil }
        let report = name[..<dot].dropLast(10)
        guard report.last == "-", report.count > 1 else { return nil }
        self.init(report: String(report.dropLast()), asOf: asOf, format: format)
    }

    /// As the file is called.
    public var description: String { "\(report)-\(asOf).\(format.fileExtension)" }
}

extension Report {
    /// Writes the report as `NAME-AS_OF.EXT` in a folder, in each of the formats.
    ///
    /// - Parameter csvByteOrderMark: whether a CSV file begins with a byte order mark.
    /// - Throws: `UnwritableFile`; an older file of the same name stays whole then.
    public func write(to folder: URL, formats: [ReportFormat], csvByteOrderMark: Bool = false) throws -> [ReportFile] {
        try formats.map { format in
            let file = try OutputFile(
                at: folder.appending(
                    path: ReportFileName(report: definition.name, asOf: asOf, format: format).description),
                mode: 0o640)
            var missing: Set<Unicode.Scalar> = []
            do {
                switch format {
                case .csv: try writeCSV(to: file, byteOrderMark: csvByteOrderMark)
                case .xlsx: try XLSXWriter(self).write(to: file)
                case .pdf: missing = try PDFWriter(self).write(to: file)
                }
                try file.commit()
            } catch {
                file.discard()
                throw error
            }
            let matching = sections.reduce(0) { $0 + $1.matching.rows }
            let shown = format == .csv ? matching : sections.reduce(0) { $0 + $1.shown.rows }
            return ReportFile(
                url: file.url, format: format, size: try file.size(), rows: shown, matchingRows: matching,
                missingCharacters: missing.sorted())
        }
    }
}
