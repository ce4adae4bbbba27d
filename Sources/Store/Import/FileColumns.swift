import Domain
import Foundation

/// Where the columns of a file stand.
struct FileColumns: Sendable {
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
            let shown = name.shortened
            throw .header(file: file, reason: "column '\(shown)' is not known; \(suggestion(for: shown, among: known))")
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

extension CSVReader {
    /// Reads the header.
    func columns(required: [String], optional: [String], isStrict: Bool) throws -> FileColumns {
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
