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
                let importer = try begin(index, reader)
                nonisolated(unsafe) let reader = reader  // from here on only who reads ahead touches it
                let path = reader.path
                // Rows are read on one core while others are written on another.
                let batches = Prefetch(ahead: 4) { try RowBatch(reader, importer) }
                defer { batches.stop() }
                var file = ImportSummary.File(path: path)
                while let batch = try batches.next() {
                    for row in batch.rows {
                        file.rows += 1
                        do {
                            if let problem = row.problem { throw problem }
                            for record in batch.records[row.records] {
                                try file.settle(writer.write(record), importer.columns(of: record))
                            }
                        } catch let problem as FieldProblem {
                            file.rejected += 1
                            try log.add(
                                Reject(file: path, line: row.line, column: problem.column, reason: problem.reason))
                        }
                    }
                    progress.report(batch.bytesRead, of: index)
                }
                summary.files.append(file)
            }
            try log.finish()
            try writer.noteRejected(summary.files.reduce(0) { $0 + $1.rejected })
            return summary
        }
    }
}

extension RecordWriter {
    fileprivate func write(_ record: RowBatch.Record) throws -> WriteOutcome {
        switch record {
        case .patient(let patient): try write(patient)
        case .diagnosis(let diagnosis): try write(diagnosis)
        case .recommendation(let recommendation): try write(recommendation)
        case .feedback(let feedback): try write(feedback)
        }
    }
}

/// Tells how much of all files is read.
private struct ProgressReport {
    private let files: [(path: String, size: Int)]
    private let tell: (@Sendable (ImportProgress) -> Void)?

    init(_ options: ImportOptions, _ readers: [CSVReader]) {
        files = readers.map { ($0.path, $0.size) }
        tell = options.progress
    }

    /// - Parameter bytesRead: how much of a file is read; all of those before it are.
    func report(_ bytesRead: Int, of file: Int) {
        guard let tell else { return }
        let total = max(1, files.reduce(0) { $0 + $1.size })
        let done = files[..<file].reduce(bytesRead) { $0 + $1.size }
        tell(ImportProgress(file: files[file].path, fraction: min(1, Double(done) / Double(total))))
    }
}
