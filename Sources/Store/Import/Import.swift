import Domain

extension Database {
    /// Imports the files of a clinic in one transaction.
    ///
    /// - Throws: `ImportError`, `StoreError` or `UnwritableFile`; nothing is imported then.
    public func importRecords(_ folder: ClinicFolder, options: ImportOptions) throws -> ImportSummary {
        try importing(folder.readers, from: ImportMapping.clinicSource, options: options) { index, reader in
            try ClinicRows(ImportFile.allCases[index], reader: reader, now: options.now)
        }
    }

    /// Imports a flat file, one row a review, in one transaction.
    ///
    /// - Throws: `ImportError`, `StoreError` or `UnwritableFile`; nothing is imported then.
    public func importRecords(_ file: MappedFile, options: ImportOptions) throws -> ImportSummary {
        try importing([file.reader], from: file.mapping.source, options: options) { _, reader in
            try MappedRows(file.mapping, reader: reader, now: options.now, timezone: options.timezone)
        }
    }

    private func importing(
        _ readers: [CSVReader], from source: String, options: ImportOptions,
        _ begin: (Int, CSVReader) throws -> any RowImporter
    ) throws -> ImportSummary {
        let log = RejectLog(path: options.rejectsPath, allowed: options.allowedRejects)
        let progress = ProgressReport(options, readers)
        return try importRecords(from: source, at: options.now) { writer in
            var summary = ImportSummary()
            for (index, reader) in readers.enumerated() {
                let rows = try begin(index, reader)
                var file = ImportSummary.File(path: reader.path)
                while let event = try reader.next() {
                    file.rows += 1
                    do {
                        try rows.write(event.record(fields: rows.columns.fieldCount), to: writer, counting: &file)
                    } catch let problem as FieldProblem {
                        file.rejected += 1
                        try log.add(
                            Reject(
                                file: reader.path, line: event.line, column: problem.column, reason: problem.reason))
                    }
                    if file.rows.isMultiple(of: 16_384) { progress.report(in: reader) }
                }
                summary.files.append(file)
            }
            try log.finish()
            try writer.noteRejected(summary.files.reduce(0) { $0 + $1.rejected })
            return summary
        }
    }
}

/// Turns the rows of one file into records.
protocol RowImporter {
    /// Where the columns stand.
    var columns: FileColumns { get }

    /// Reads a row and writes its records.
    ///
    /// - Throws: `FieldProblem` where the row is to be rejected.
    func write(
        _ row: CSVReader.Record, to writer: any RecordWriter, counting file: inout ImportSummary.File) throws
}

/// Tells how much of all files is read.
private struct ProgressReport {
    private let readers: [CSVReader]
    private let total: Int
    private let tell: (@Sendable (ImportProgress) -> Void)?

    init(_ options: ImportOptions, _ readers: [CSVReader]) {
        self.readers = readers
        total = max(1, readers.reduce(0) { $0 + $1.size })
        tell = options.progress
    }

    func report(in reader: CSVReader) {
        guard let tell else { return }
        let done = readers.reduce(0) { $0 + $1.bytesRead }
        tell(ImportProgress(file: reader.path, fraction: min(1, Double(done) / Double(total))))
    }
}

extension CSVReader.Event {
    fileprivate var line: Int {
        switch self {
        case .record(let record): record.line
        case .malformed(let line, _): line
        }
    }

    fileprivate func record(fields: Int) throws(FieldProblem) -> CSVReader.Record {
        switch self {
        case .record(let record):
            guard record.count == fields else {
                throw FieldProblem(column: "", reason: "has \(record.count) fields, but the header has \(fields)")
            }
            return record
        case .malformed(_, let reason):
            throw FieldProblem(column: "", reason: reason)
        }
    }
}
