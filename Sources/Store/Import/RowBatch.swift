import Domain

/// The records of some rows of a file.
struct RowBatch: Sendable {
    /// One row.
    struct Row: Sendable {
        /// Line on which it starts, from 1.
        let line: Int
        /// Its records among those of the batch, each after the one it refers to.
        let records: Range<Int>
        /// How its records are identified; `nil` where they have their ids.
        let flat: Flat?
        /// Why it is to be rejected; `nil` where it is not.
        let problem: FieldProblem?
    }

    /// How the records of a flat row are identified. Their ids are still to be set.
    ///
    /// A class, so that rows of a clinic's files, which have none, stay small.
    final class Flat: Sendable {
        /// Of each kind of record the id of the file; `nil` where the file has none, and the row's key counts.
        let patient: RecordKey?
        let diagnosis: RecordKey?
        let recommendation: RecordKey?
        let feedback: RecordKey?
        /// What the row is known by; `nil` where each record has an id.
        let row: RecordKey?
        /// The number that earlier versions gave to the row.
        let formerNumber: Int64
        /// The years in which the patient may be born, where the file has an age.
        let birthYears: ClosedRange<Int>?

        init(
            patient: RecordKey?, diagnosis: RecordKey?, recommendation: RecordKey?, feedback: RecordKey?,
            row: RecordKey?, formerNumber: Int64, birthYears: ClosedRange<Int>?
        ) {
            self.patient = patient
            self.diagnosis = diagnosis
            self.recommendation = recommendation
            self.feedback = feedback
            self.row = row
            self.formerNumber = formerNumber
            self.birthYears = birthYears
        }
    }

    private static let size = 1024

    private(set) var rows: [Row] = []
    private(set) var records: [WrittenRecord] = []
    /// Bytes of the file up to its end.
    private(set) var bytesRead = 0

    /// Reads the next rows of a file; `nil` at its end.
    ///
    /// - Throws: `MissingFile` where it cannot be read; `ImportError.format` where it cannot be read further.
    init?(_ reader: CSVReader, _ importer: any RowImporter) throws {
        rows.reserveCapacity(Self.size)
        records.reserveCapacity(Self.size)
        while rows.count < Self.size, let event = try reader.next() {
            let first = records.count
            importer.beginRow()
            do {
                let record = try event.record()
                try importer.columns.check(record)
                let flat = try importer.read(record) { records.append($0) }
                rows.append(Row(line: event.line, records: first..<records.count, flat: flat, problem: nil))
            } catch let problem as FieldProblem {
                records.removeSubrange(first...)
                rows.append(Row(line: event.line, records: first..<first, flat: nil, problem: problem))
            }
        }
        bytesRead = reader.bytesRead
        if rows.isEmpty { return nil }
    }
}

/// The columns that messages about a record name.
struct RecordColumns {
    /// The column of its own id.
    let id: String
    /// The column of the record that it refers to.
    let parent: String
    /// The column of its date.
    let createdAt: String
}

/// Turns the rows of one file into records.
protocol RowImporter: Sendable {
    /// The columns of the file.
    var columns: FileColumns { get }

    /// What is to be said of the file once it was read.
    var notes: [String] { get }

    /// Reads the records of a row, each after the one it refers to.
    ///
    /// - Returns: how its records are identified, where they have not their ids.
    /// - Throws: `FieldProblem` where the row is to be rejected.
    func read(_ row: CSVReader.Record, _ add: (WrittenRecord) -> Void) throws -> RowBatch.Flat?

    /// Notes that another row begins, whether or not it is valid.
    func beginRow()

    /// The columns that messages about a record name.
    func columnNames(of record: WrittenRecord) -> RecordColumns

    /// What the file calls a field of a record.
    func name(of field: String) -> String
}

extension CSVReader.Event {
    fileprivate var line: Int {
        switch self {
        case .record(let record): record.line
        case .malformed(let line, _): line
        }
    }

    fileprivate func record() throws(FieldProblem) -> CSVReader.Record {
        switch self {
        case .record(let record): return record
        case .malformed(_, let reason): throw FieldProblem(column: "", reason: reason)
        }
    }
}

extension Feedback {
    /// Refuses a feedback that was withdrawn before it was given.
    func refuseEarlyDeletion(column: String) throws(FieldProblem) {
        guard let deletedAt, deletedAt < createdAt else { return }
        throw FieldProblem(column: column, reason: "is \(deletedAt), before the feedback was given at \(createdAt)")
    }
}
