import Domain

/// Turns the rows of one of a clinic's files into records.
struct ClinicRows: RowImporter {
    let columns: FileColumns
    private let file: ImportFile
    private let idColumn: String
    private let parentColumn: String
    /// Where each column stands in `columns`, by its raw value.
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

    func write(
        _ row: CSVReader.Record, to writer: any RecordWriter, counting count: inout ImportSummary.File
    ) throws {
        let outcome =
            switch file {
            case .patients: try writer.write(patient(row))
            case .diagnoses: try writer.write(diagnosis(row))
            case .recommendations: try writer.write(recommendation(row))
            case .feedback: try writer.write(feedback(row))
            }
        try count.settle(outcome, id: idColumn, parent: parentColumn)
    }

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
        Feedback(
            id: try field(.feedback, record).identifier(),
            recommendation: try field(.recommendation, record).identifier(),
            rating: try field(.rating, record).rating(),
            improvement: try field(.improvement, record).optionalRating(),
            compliance: try field(.compliance, record).compliance(),
            sideEffects: try field(.sideEffects, record).list(),
            comment: try field(.comment, record).comment(),
            createdAt: try field(.createdAt, record).instant(now: now),
            deletedAt: try field(.deletedAt, record).optionalInstant(now: now))
    }
}
