import Domain
import Foundation

/// One of the four files of a clinic folder: its columns, and how a record of it becomes a record of the field.
enum ImportFile: String, CaseIterable {
    case patients = "patients.csv"
    case diagnoses = "diagnoses.csv"
    case recommendations = "recommendations.csv"
    case feedback = "feedback.csv"

    /// The columns that must stand in the header.
    var requiredColumns: [String] {
        switch self {
        case .patients: ["patient_id", "mizaj_type"]
        case .diagnoses: ["diagnosis_id", "patient_id", "condition", "created_at"]
        case .recommendations: ["recommendation_id", "diagnosis_id", "herb", "created_at"]
        case .feedback: ["feedback_id", "recommendation_id", "rating", "created_at"]
        }
    }

    /// The columns that may be absent.
    var optionalColumns: [String] {
        switch self {
        case .patients: ["sex", "birth_year"]
        case .diagnoses: ["symptoms"]
        case .recommendations: []
        case .feedback: ["symptom_improvement", "compliance", "side_effects", "comment", "deleted_at"]
        }
    }

    /// All columns, in the order in which `FileColumns` finds them.
    var columns: [String] { requiredColumns + optionalColumns }

    /// The column that names the record this one belongs to.
    var parentColumn: String {
        switch self {
        case .patients: ""
        case .diagnoses: "patient_id"
        case .recommendations: "diagnosis_id"
        case .feedback: "recommendation_id"
        }
    }

    /// Reads a record and writes it.
    func write(_ record: CSVReader.Record, _ columns: FileColumns, to writer: any RecordWriter, now: Instant) throws
        -> WriteOutcome
    {
        switch self {
        case .patients: try writer.write(patient(record, columns, now: now))
        case .diagnoses: try writer.write(diagnosis(record, columns, now: now))
        case .recommendations: try writer.write(recommendation(record, columns, now: now))
        case .feedback: try writer.write(feedback(record, columns, now: now))
        }
    }

    private func patient(_ record: CSVReader.Record, _ columns: FileColumns, now: Instant) throws -> Patient {
        Patient(
            id: try columns.field(0, of: record).identifier(),
            mizaj: try columns.field(1, of: record).mizaj(),
            sex: try columns.field(2, of: record).sex(),
            birthYear: try columns.field(3, of: record).birthYear(now: now))
    }

    private func diagnosis(_ record: CSVReader.Record, _ columns: FileColumns, now: Instant) throws -> Diagnosis {
        Diagnosis(
            id: try columns.field(0, of: record).identifier(),
            patient: try columns.field(1, of: record).identifier(),
            condition: try columns.field(2, of: record).name(),
            symptoms: try columns.field(4, of: record).list(),
            createdAt: try columns.field(3, of: record).instant(now: now))
    }

    private func recommendation(
        _ record: CSVReader.Record, _ columns: FileColumns, now: Instant
    ) throws -> Recommendation {
        Recommendation(
            id: try columns.field(0, of: record).identifier(),
            diagnosis: try columns.field(1, of: record).identifier(),
            herb: try columns.field(2, of: record).name(),
            createdAt: try columns.field(3, of: record).instant(now: now))
    }

    private func feedback(_ record: CSVReader.Record, _ columns: FileColumns, now: Instant) throws -> Feedback {
        Feedback(
            id: try columns.field(0, of: record).identifier(),
            recommendation: try columns.field(1, of: record).identifier(),
            rating: try columns.field(2, of: record).rating(),
            improvement: try columns.field(4, of: record).optionalRating(),
            compliance: try columns.field(5, of: record).compliance(),
            sideEffects: try columns.field(6, of: record).list(),
            comment: try columns.field(7, of: record).comment(),
            createdAt: try columns.field(3, of: record).instant(now: now),
            deletedAt: try columns.field(8, of: record).optionalInstant(now: now))
    }
}

/// Where the columns of a file stand.
struct FileColumns {
    private let names: [String]
    /// The field that holds each column; `nil` where the file does not have it.
    private let places: [Int?]
    let fieldCount: Int

    /// Reads the header of a file.
    ///
    /// - Parameter isStrict: whether columns that are not known are refused.
    init(
        header: CSVReader.Record, file: String, required: [String], optional: [String], isStrict: Bool
    ) throws(ImportError) {
        var found: [String] = []
        for index in 0..<header.count {
            guard let name = String(validating: header[index], as: UTF8.self) else {
                throw .header(
                    file: file, reason: "the header holds bytes that are not UTF-8; export the file as UTF-8 CSV")
            }
            found.append(name.trimmingCharacters(in: .whitespaces))
        }
        let known = required + optional
        for name in required where !found.contains(name) {
            throw .header(
                file: file,
                reason: "column '\(name)' is missing; the header must have \(required.joined(separator: ", "))")
        }
        for name in found where isStrict && !known.contains(name) {
            let shown = name.count > 40 ? name.prefix(40) + "…" : name
            throw .header(
                file: file,
                reason: "column '\(shown)' is not known; \(suggestion(for: String(shown), among: known))")
        }
        for name in known where found.count(where: { $0 == name }) > 1 {
            throw .header(file: file, reason: "column '\(name)' stands twice; keep one of them")
        }
        names = known
        places = known.map { found.firstIndex(of: $0) }
        fieldCount = found.count
    }

    /// The field of a column, by its place among required and optional columns; empty where the file lacks it.
    func field(_ column: Int, of record: CSVReader.Record) -> FieldReader {
        guard let place = places[column] else {
            return FieldReader(names[column], UnsafeRawBufferPointer(start: nil, count: 0))
        }
        return FieldReader(names[column], record[place])
    }
}
