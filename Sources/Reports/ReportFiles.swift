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
    /// Decimals of measures in report files.
    private static let places = 6

    /// Writes the report as `NAME-AS_OF.EXT` in a folder, in each of the formats.
    ///
    /// - Throws: `UnwritableFile`; an older file of the same name stays whole then.
    public func write(to folder: URL, formats: [ReportFormat]) throws -> [ReportFile] {
        try formats.map { format in
            let file = try OutputFile(at: folder.appending(path: "\(definition.name)-\(asOf).\(format.fileExtension)"))
            do {
                switch format {
                case .csv: try writeCSV(to: file)
                }
                try file.commit()
            } catch {
                file.discard()
                throw error
            }
            return ReportFile(url: file.url, rows: rows.count, matchingRows: matchingRows)
        }
    }

    private func writeCSV(to file: OutputFile) throws {
        var writer = CSVWriter(places: Self.places, lineEnd: .crlf, guardsFormulas: true, write: file.write)
        try writer.header(definition.columns)
        for row in rows {
            try writer.record(row)
        }
        try writer.flush()
    }
}
