import Domain

/// What some rows of a file say.
struct RowBatch: Sendable {
    /// One record of a row.
    enum Record: Sendable {
        case patient(Patient)
        case diagnosis(Diagnosis)
        case recommendation(Recommendation)
        case feedback(Feedback)
    }

    /// One row.
    struct Row: Sendable {
        /// Line on which it starts, from 1.
        let line: Int
        /// Its records among those of the batch, each after the one it refers to.
        let records: Range<Int>
        /// Why it is to be rejected; `nil` where it is not.
        let problem: FieldProblem?
    }

    private static let size = 1024

    private(set) var rows: [Row] = []
    private(set) var records: [Record] = []
    /// Bytes of the file up to its end.
    private(set) var bytesRead = 0

    /// Reads the next rows of a file; `nil` at its end.
    ///
    /// - Throws: `MissingFile` where it cannot be read.
    init?(_ reader: CSVReader, _ importer: any RowImporter) throws {
        rows.reserveCapacity(Self.size)
        records.reserveCapacity(Self.size)
        while rows.count < Self.size, let event = try reader.next() {
            let first = records.count
            do {
                try importer.read(event.record(fields: importer.columns.fieldCount)) { records.append($0) }
                rows.append(Row(line: event.line, records: first..<records.count, problem: nil))
            } catch let problem as FieldProblem {
                records.removeSubrange(first...)
                rows.append(Row(line: event.line, records: first..<first, problem: problem))
            }
        }
        bytesRead = reader.bytesRead
        if rows.isEmpty { return nil }
    }
}

/// Turns the rows of one file into records.
protocol RowImporter: Sendable {
    /// Where the columns stand.
    var columns: FileColumns { get }

    /// Reads the records of a row, each after the one it refers to.
    ///
    /// - Throws: `FieldProblem` where the row is to be rejected.
    func read(_ row: CSVReader.Record, _ add: (RowBatch.Record) -> Void) throws

    /// What messages call the columns of a record's own id and of what it refers to.
    func columns(of record: RowBatch.Record) -> (id: String, parent: String)
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
