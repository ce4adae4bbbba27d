public import Domain
import Foundation

/// How an import is to be done.
public struct ImportOptions: Sendable {
    /// Rejects that leave the import alive; `nil` for any number.
    public var allowedRejects: Int?
    /// Where rejects are listed.
    public var rejectsPath: String
    /// The moment that the future begins after.
    public var now: Instant
    /// The zone of dates that name none.
    public var timezone: ClinicTimeZone
    /// Told now and then how far the import is.
    public var progress: (@Sendable (ImportProgress) -> Void)?

    /// Options for an import.
    public init(
        allowedRejects: Int?, rejectsPath: String, now: Instant, timezone: ClinicTimeZone,
        progress: (@Sendable (ImportProgress) -> Void)? = nil
    ) {
        self.allowedRejects = allowedRejects
        self.rejectsPath = rejectsPath
        self.now = now
        self.timezone = timezone
        self.progress = progress
    }
}

/// How far an import is.
public struct ImportProgress: Sendable {
    /// The file at hand.
    public var file: String
    /// How much of all files is read, 0…1.
    public var fraction: Double
}

/// What came of an import.
public struct ImportSummary: Equatable, Sendable {
    /// What came of one file.
    public struct File: Equatable, Sendable {
        /// The file as the user named it.
        public var path: String
        /// Rows read, rejected ones included.
        public var rows = 0
        /// Records that were new.
        public var inserted = 0
        /// Records that replaced other content.
        public var updated = 0
        /// Records that stood there already.
        public var unchanged = 0
        /// Rows that were refused.
        public var rejected = 0

        mutating func count(_ outcome: WriteOutcome) {
            switch outcome {
            case .inserted: inserted += 1
            case .updated: updated += 1
            case .unchanged: unchanged += 1
            case .missingReference, .repeated, .foreign: break
            }
        }
    }

    /// In the order in which they were read.
    public var files: [File] = []
}

/// The four files of a clinic, opened.
public struct ClinicFolder {
    let readers: [CSVReader]

    /// Opens the files of a folder.
    ///
    /// - Throws: `MissingFile` where one is not there or cannot be read.
    public init(_ path: String) throws {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw MissingFile(path: path, reason: "is not there; name a folder with the clinic's CSV files")
        }
        guard isFolder.boolValue else {
            throw MissingFile(path: path, reason: "is a file; to import a file from elsewhere, add --mapping MAP.yaml")
        }
        guard access(path, R_OK | X_OK) == 0 else {
            throw MissingFile(path: path, reason: "cannot be read: \(String(cString: strerror(errno)))")
        }
        let paths = ImportFile.allCases.map { (path as NSString).appendingPathComponent($0.rawValue) }
        for (file, filePath) in zip(ImportFile.allCases, paths) where !FileManager.default.fileExists(atPath: filePath)
        {
            let all = ImportFile.allCases.map(\.rawValue).joined(separator: ", ")
            throw MissingFile(path: path, reason: "has no \(file.rawValue); the folder must hold \(all)")
        }
        readers = try paths.map { try CSVReader(path: $0) }
    }
}

/// A flat file from elsewhere, opened, with the mapping that it is read by.
public struct MappedFile {
    let reader: CSVReader
    let mapping: ImportMapping

    /// Opens a file.
    ///
    /// - Throws: `MissingFile` where it is not there or cannot be read.
    public init(_ path: String, mapping: ImportMapping) throws {
        reader = try CSVReader(path: path)
        self.mapping = mapping
    }
}

extension Database {
    /// Imports the files of a clinic in one transaction.
    ///
    /// - Throws: `ImportError`, `StoreError` or `UnwritableFile`; nothing is imported then.
    public func importRecords(_ folder: ClinicFolder, options: ImportOptions) throws -> ImportSummary {
        try importing(folder.readers, from: ImportMapping.clinicSource, options: options) { index, reader in
            let file = ImportFile.allCases[index]
            let columns = try reader.columns(
                required: file.requiredColumns, optional: file.optionalColumns, isStrict: true)
            return (
                columns,
                { record, writer in
                    let outcome = try file.write(record, columns, to: writer, now: options.now)
                    return [(outcome, file.columns[0], file.parentColumn)]
                }
            )
        }
    }

    /// Imports a flat file, one row a review, in one transaction.
    ///
    /// - Throws: `ImportError`, `StoreError` or `UnwritableFile`; nothing is imported then.
    public func importRecords(_ file: MappedFile, options: ImportOptions) throws -> ImportSummary {
        try importing([file.reader], from: file.mapping.source, options: options) { _, reader in
            let columns = try reader.columns(required: file.mapping.columns, optional: [], isStrict: false)
            let rows = MappedRows(file.mapping, columns: columns, now: options.now, timezone: options.timezone)
            return (columns, { record, writer in try rows.write(record, to: writer) })
        }
    }

    /// What is done with each record of a file: the outcomes of what it held, each with the column of its own id and of
    /// what it refers to.
    private typealias RowImport = (CSVReader.Record, any RecordWriter) throws -> [(
        outcome: WriteOutcome, idColumn: String, parentColumn: String
    )]

    private func importing(
        _ readers: [CSVReader], from source: String, options: ImportOptions,
        _ begin: (Int, CSVReader) throws -> (columns: FileColumns, write: RowImport)
    ) throws -> ImportSummary {
        let log = RejectLog(path: options.rejectsPath, allowed: options.allowedRejects)
        let progress = ProgressReport(options, readers)
        return try importRecords(from: source, at: options.now) { writer in
            var summary = ImportSummary()
            for (index, reader) in readers.enumerated() {
                let (columns, write) = try begin(index, reader)
                var file = ImportSummary.File(path: reader.path)
                while let event = try reader.next() {
                    file.rows += 1
                    do {
                        let record = try event.record(fields: columns.fieldCount)
                        for written in try write(record, writer) {
                            try written.outcome.refuse(id: written.idColumn, parent: written.parentColumn)
                            file.count(written.outcome)
                        }
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
            return summary
        }
    }
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

extension CSVReader {
    /// Reads the header.
    fileprivate func columns(required: [String], optional: [String], isStrict: Bool) throws -> FileColumns {
        switch try next() {
        case .record(let header):
            return try FileColumns(
                header: header, file: path, required: required, optional: optional, isStrict: isStrict)
        case .malformed(_, let reason):
            throw ImportError.header(file: path, reason: "is no CSV header: \(reason)")
        case nil:
            throw ImportError.header(
                file: path, reason: "is empty; the header must have \(required.joined(separator: ", "))")
        }
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

extension WriteOutcome {
    /// Throws what stood against writing.
    fileprivate func refuse(id: String, parent: String) throws(FieldProblem) {
        switch self {
        case .inserted, .updated, .unchanged: return
        case .missingReference: throw FieldProblem(column: parent, reason: "refers to nothing that is there")
        case .repeated: throw FieldProblem(column: id, reason: "came before with other content")
        case .foreign(let source):
            throw FieldProblem(column: id, reason: "is taken by another record, from '\(source)'")
        }
    }
}
