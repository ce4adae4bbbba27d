import Domain

extension ImportStore {
    /// Imports the files of a clinic in one transaction. Blocks until all is written.
    ///
    /// - Throws: `ImportError`, `StoreError` or `UnwritableFile`; nothing is imported then.
    public func importRecords(_ folder: ClinicFolder, options: ImportOptions) throws -> ImportSummary {
        try importing(folder.readers, from: ImportMapping.clinicSource, first: 1, options: options) { index, reader in
            try ClinicRows(ImportFile.allCases[index], reader: reader, now: options.now)
        }
    }

    /// Imports a flat file, one row a review, in one transaction. Blocks until all is written.
    ///
    /// - Throws: `ImportError`, `StoreError` or `UnwritableFile`; nothing is imported then.
    public func importRecords(_ file: MappedFile, options: ImportOptions) throws -> ImportSummary {
        let mapping = file.mapping
        return try importing(
            [file.reader], from: mapping.source, first: mapping.identity.first, options: options
        ) { _, reader in
            try MappedRows(mapping, reader: reader, now: options.now, timezone: options.timezone)
        }
    }

    /// - Parameter first: the least number that a record without one is given.
    private func importing(
        _ readers: [CSVReader], from source: String, first: Int64, options: ImportOptions,
        _ begin: (Int, CSVReader) throws -> any RowImporter
    ) throws -> ImportSummary {
        let log = try RejectLog(path: options.rejectsPath, allowed: options.allowedRejects) { options.onReject?($0) }
        let progress = ProgressReport(options, readers)
        // All headers are read before the first row, so that a wrong file is found at once.
        let importers = try readers.enumerated().map { try begin($0, $1) }
        return try importRecords(from: source, at: options.now, firstNumber: first) { writer in
            var summary = ImportSummary()
            for (index, importer) in importers.enumerated() {
                // From here on only the thread that reads ahead uses it.
                nonisolated(unsafe) let reader = readers[index]
                let path = reader.path
                // Rows are read on one core while others are written on another.
                let batches = Prefetch(ahead: 4) { try RowBatch(reader, importer) }
                defer { batches.stop() }
                var file = FileImport(path: path, importer: importer, writer: writer)
                while let batch = try batches.next() {
                    try file.write(batch) { line, problem in
                        try log.add(Reject(file: path, line: line, column: problem.column, reason: problem.reason))
                    }
                    progress.report(batch.bytesRead, of: index)
                }
                file.summary.notes += reader.notes(importer.columns) + importer.notes
                if let note = file.contradictions { file.summary.notes.append(note) }
                summary.files.append(file.summary)
            }
            if let failure = try log.finish() { summary.files[0].notes.append("rejects are not listed: \(failure)") }
            let rejected = summary.files.reduce(0) { $0 + $1.rejected }
            try writer.noteRejected(rejected)
            if options.mirrors, rejected > 0 { throw ImportError.incompleteMirror(rejected: rejected) }
            let missing = try writer.settle(deletesMissing: options.mirrors, allowsChanges: options.allowsChanges)
            summary.missing = missing.records.map { ImportSummary.Missing(kind: $0.kind, count: $0.count) }
            summary.deleted = options.mirrors ? missing.deleted : nil
            return summary
        }
    }
}

/// The import of one file.
private struct FileImport {
    var summary: ImportSummary.File
    private let importer: any RowImporter
    private let writer: any RecordWriter
    private var contradiction: (count: Int, line: Int)?

    init(path: String, importer: any RowImporter, writer: any RecordWriter) {
        summary = ImportSummary.File(path: path)
        self.importer = importer
        self.writer = writer
    }

    /// Writes the records of some rows.
    ///
    /// - Parameter reject: called with the line of each row that is rejected and the reason, in their order.
    mutating func write(_ batch: RowBatch, reject: (Int, FieldProblem) throws -> Void) throws {
        var pending = PendingRecords(capacity: batch.records.count)
        for (number, row) in batch.rows.enumerated() {
            let records = batch.records[row.records]
            if let flat = row.flat {
                try addNumbered(records, flat, line: row.line, row: number, to: &pending)
            } else {
                for record in records { pending.entries.append(BatchRecord(record, row: number)) }
            }
        }
        try pending.write(by: writer)
        for row in batch.rows {
            summary.rows += 1
            do {
                if let problem = row.problem { throw problem }
                for position in row.records {
                    guard let outcome = pending.outcomes[position] else { break }
                    try summary.settle(outcome, batch.records[position], of: importer)
                }
            } catch let problem as FieldProblem {
                summary.rejected += 1
                try reject(row.line, problem)
            }
        }
    }

    /// Adds the records of a flat row with their numbers and birth years.
    private mutating func addNumbered(
        _ records: ArraySlice<WrittenRecord>, _ flat: RowBatch.Flat, line: Int, row: Int,
        to pending: inout PendingRecords
    ) throws {
        let numbers = try writer.numbers(for: flat, records: records)
        for record in records {
            let record = record.numbered(numbers)
            guard case .patient(var patient) = record, let years = flat.birthYears, flat.patient != nil else {
                pending.entries.append(BatchRecord(record, row: row))
                continue
            }
            // The birth year is narrowed from what earlier rows made of it.
            if pending.narrowed.contains(patient.id) { try pending.write(by: writer) }
            pending.narrowed.insert(patient.id)
            let (year, isContradicted) = try writer.birthYear(
                of: patient.id, in: years, preferring: patient.birthYear ?? years.upperBound)
            if isContradicted {
                contradiction = (1 + (contradiction?.count ?? 0), contradiction?.line ?? line)
            }
            patient.birthYear = year
            pending.entries.append(BatchRecord(.patient(patient), row: row, refinesBirthYear: true))
        }
    }

    /// What to say of ages that contradict earlier ones of the same patient; `nil` where there are none.
    var contradictions: String? {
        contradiction.map { count, line in
            """
            \(count) \(count == 1 ? "value" : "values") of '\(importer.name(of: MappedField.birthYear.rawValue))' \
            \(count == 1 ? "contradicts" : "contradict") earlier rows of the same patient (line \(line)); kept the first
            """
        }
    }
}

/// Records of a batch of rows that are still to be written, and the outcomes of those before them.
private struct PendingRecords {
    var entries: [BatchRecord] = []
    /// One for each record of the batch that was written or passed over, in order.
    private(set) var outcomes: [WriteOutcome?] = []
    /// Patients whose birth years rows of the batch have narrowed since the last write.
    var narrowed: Set<PatientID> = []

    init(capacity: Int) {
        entries.reserveCapacity(capacity)
        outcomes.reserveCapacity(capacity)
    }

    mutating func write(by writer: any RecordWriter) throws {
        outcomes += try writer.write(entries)
        entries.removeAll(keepingCapacity: true)
        narrowed.removeAll(keepingCapacity: true)
    }
}

/// The numbers of the records of a flat row.
struct RowNumbers {
    var patient: Int64
    var diagnosis: Int64
    var recommendation: Int64
    var feedback: Int64

    /// - Parameter number: gives the number of a record of a kind by its key, which is `nil` where the row's counts.
    init(_ flat: RowBatch.Flat, _ number: (RecordKey?, RecordKind) throws -> Int64) rethrows {
        patient = try number(flat.patient, .patient)
        diagnosis = try number(flat.diagnosis, .diagnosis)
        recommendation = try number(flat.recommendation, .recommendation)
        feedback = try number(flat.feedback, .feedback)
    }
}

extension WrittenRecord {
    /// The record with its number, and that of the record that it refers to.
    fileprivate func numbered(_ numbers: RowNumbers) -> Self {
        switch self {
        case .patient(var patient):
            patient.id = Identifier(rawValue: numbers.patient)
            return .patient(patient)
        case .diagnosis(var diagnosis):
            diagnosis.id = Identifier(rawValue: numbers.diagnosis)
            diagnosis.patient = Identifier(rawValue: numbers.patient)
            return .diagnosis(diagnosis)
        case .recommendation(var recommendation):
            recommendation.id = Identifier(rawValue: numbers.recommendation)
            recommendation.diagnosis = Identifier(rawValue: numbers.diagnosis)
            return .recommendation(recommendation)
        case .feedback(var feedback):
            feedback.id = Identifier(rawValue: numbers.feedback)
            feedback.recommendation = Identifier(rawValue: numbers.recommendation)
            return .feedback(feedback)
        }
    }
}

extension RecordWriter {
    /// The numbers of a flat row's records: those of the file, those that were given to its ids or to the row, or new ones.
    fileprivate func numbers(
        for flat: RowBatch.Flat, records: ArraySlice<WrittenRecord>
    ) throws -> RowNumbers {
        let row = try flat.row.map { try rowNumber($0, flat, records) } ?? 0
        return try RowNumbers(flat) { key, kind in
            switch key {
            case nil: row
            case .number(let number): number
            case .some(let key): try self.number(of: key, kind: kind) ?? giveNumber(nil, to: key, kind: kind)
            }
        }
    }

    private func rowNumber(
        _ key: RecordKey, _ flat: RowBatch.Flat, _ records: ArraySlice<WrittenRecord>
    ) throws -> Int64 {
        if let known = try number(of: key, kind: .row) { return known }
        let former = flat.formerNumber
        // A row that an earlier version numbered by its position keeps its number.
        if try hasUnkeyedRecords {
            let numbers = RowNumbers(flat) { key, _ in key?.number ?? former }
            if case .feedback(let feedback)? = records.last?.numbered(numbers), try isStored(feedback) {
                return try giveNumber(former, to: key, kind: .row)
            }
        }
        return try giveNumber(nil, to: key, kind: .row)
    }
}

extension RecordKey {
    /// The number that it is; `nil` for other keys.
    fileprivate var number: Int64? { if case .number(let number) = self { number } else { nil } }
}

/// Reports how much of all files is read.
private struct ProgressReport {
    private let files: [(path: String, size: Int)]
    private let onProgress: (@Sendable (ImportProgress) -> Void)?

    init(_ options: ImportOptions, _ readers: [CSVReader]) {
        files = readers.map { ($0.path, $0.size) }
        onProgress = options.progress
    }

    /// - Parameter bytesRead: how much of a file is read; all of those before it are.
    func report(_ bytesRead: Int, of file: Int) {
        guard let onProgress else { return }
        let total = max(1, files.reduce(0) { $0 + $1.size })
        let done = files[..<file].reduce(bytesRead) { $0 + $1.size }
        onProgress(ImportProgress(file: files[file].path, fraction: min(1, Double(done) / Double(total))))
    }
}
