import Domain

/// Turns the rows of one of a clinic's files into records.
struct ClinicRows: RowImporter {
    let columns: FileColumns
    private let file: ImportFile
    private let idColumn: String
    private let parentColumn: String
    /// The place of each column in `columns`, by its raw value.
    private let places: [Int]
    private let now: Instant

    init(_ file: ImportFile, reader: CSVReader, now: Instant) throws {
        let known = file.requiredColumns + file.optionalColumns
        columns = try reader.columns(
            required: file.requiredColumns.map(\.name), optional: file.optionalColumns.map(\.name), isStrict: true)
        places = ImportColumn.allCases.map { known.firstIndex(of: $0) ?? 0 }
        idColumn = file.requiredColumns[0].name
        parentColumn = file.parentColumn?.name ?? ""
        self.file = file
        self.now = now
    }

    func read(_ row: CSVReader.Record, _ add: (WrittenRecord) -> Void) throws -> RowBatch.Flat? {
        switch file {
        case .patients: add(.patient(try patient(row)))
        case .diagnoses: add(.diagnosis(try diagnosis(row)))
        case .recommendations: add(.recommendation(try recommendation(row)))
        case .feedback: add(.feedback(try feedback(row)))
        }
        return nil
    }

    func beginRow() {}

    func columnNames(of record: WrittenRecord) -> RecordColumns {
        RecordColumns(id: idColumn, parent: parentColumn, createdAt: ImportColumn.createdAt.name)
    }

    func name(of field: String) -> String { field }

    var notes: [String] { [] }

    private func field(_ column: ImportColumn, _ record: CSVReader.Record) -> FieldReader {
        columns.field(places[column.rawValue], of: record)
    }

    private func patient(_ record: CSVReader.Record) throws -> Patient {
        Patient(
            id: try field(.patient, record).identifier(),
            mizaj: try field(.mizaj, record).mizaj(),
            sex: try field(.sex, record).sex(),
            birthYear: try field(.birthYear, record).birthYear(now: now))
    }

    private func diagnosis(_ record: CSVReader.Record) throws -> Diagnosis {
        Diagnosis(
            id: try field(.diagnosis, record).identifier(),
            patient: try field(.patient, record).identifier(),
            condition: try field(.condition, record).name(),
            symptoms: try field(.symptoms, record).list(),
            createdAt: try field(.createdAt, record).instant(now: now))
    }

    private func recommendation(_ record: CSVReader.Record) throws -> Recommendation {
        Recommendation(
            id: try field(.recommendation, record).identifier(),
            diagnosis: try field(.diagnosis, record).identifier(),
            herb: try field(.herb, record).name(),
            createdAt: try field(.createdAt, record).instant(now: now))
    }

    private func feedback(_ record: CSVReader.Record) throws -> Feedback {
        let feedback = Feedback(
            id: try field(.feedback, record).identifier(),
            recommendation: try field(.recommendation, record).identifier(),
            rating: try field(.rating, record).rating(),
            improvement: try field(.improvement, record).optionalRating(),
            compliance: try field(.compliance, record).compliance(),
            sideEffects: try field(.sideEffects, record).list(),
            comment: try field(.comment, record).comment(),
            createdAt: try field(.createdAt, record).instant(now: now),
            deletedAt: try field(.deletedAt, record).optionalInstant(now: now))
        try feedback.refuseEarlyDeletion(column: ImportColumn.deletedAt.name)
        return feedback
    }
}
