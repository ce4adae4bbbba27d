import Domain
public import Foundation

/// A report file that was written.
public struct ReportFile: Equatable, Sendable {
    /// Where it stands.
    public let url: URL
    /// Rows it shows.
    public let rows: Int
    /// Rows that the report could show without its limit.
    public let matchingRows: Int
}

extension Report {
    /// Writes the report as `NAME-AS_OF.EXT` in a folder, in each of the formats.
    ///
    /// - Parameter csvByteOrderMark: whether a CSV file begins with a byte order mark.
    /// - Throws: `UnwritableFile`; an older file of the same name stays whole then.
    public func write(to folder: URL, formats: [ReportFormat], csvByteOrderMark: Bool = false) throws -> [ReportFile] {
        try formats.map { format in
            let file = try OutputFile(
                at: folder.appending(path: "\(definition.name)-\(asOf).\(format.fileExtension)"), mode: 0o640)
            do {
                switch format {
                case .csv: try writeCSV(to: file, byteOrderMark: csvByteOrderMark)
                case .xlsx: try XLSXWriter(self).write(to: file)
                case .pdf: try PDFWriter(self).write(to: file)
                }
                try file.commit()
            } catch {
                file.discard()
                throw error
            }
            let matching = sections.reduce(0) { $0 + $1.matching.rows }
            let shown = format == .csv ? matching : sections.reduce(0) { $0 + $1.shown.rows }
            return ReportFile(url: file.url, rows: shown, matchingRows: matching)
        }
    }
}
