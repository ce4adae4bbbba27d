import Domain
import Foundation

/// The columns of a file: which field of a record holds which.
struct FileColumns: Sendable {
    private let names: [String]
    /// The field that holds each column; `nil` where the file does not have it.
    private let places: [Int?]
    /// Fields up to the last column that has a name: a record has no fewer.
    private let fieldCount: Int
    /// Fields below `fieldCount` without a name, which must be empty.
    private let unnamed: [Int]
    /// Columns at the end of the header that have no name.
    let emptyColumns: Int

    /// Reads the header of a file.
    ///
    /// - Parameters:
    ///   - isStrict: whether unknown columns are refused.
    ///   - dialect: how the file was read, for messages.
    init(
        header: CSVReader.Record, file: String, required: [String], optional: [String], isStrict: Bool, dialect: String
    ) throws(ImportError) {
        var found: [String] = []
        for index in 0..<header.count {
            guard let name = String(validating: header[index], as: UTF8.self) else {
                throw .header(
                    file: file,
                    reason:
                        "the header has bytes that are not valid text as \(dialect); name the encoding with --encoding")
            }
            found.append(name.displayedName)
        }
        fieldCount = (found.lastIndex { !$0.isEmpty } ?? -1) + 1
        emptyColumns = found.count - fieldCount
        unnamed = found[..<fieldCount].indices.filter { found[$0].isEmpty }
        let known = required + optional
        var places: [String: Int] = [:]
        for (place, name) in found.enumerated() where !name.isEmpty {
            guard
                let column = known.first(where: { $0 == name })
                    ?? known.first(where: { ColumnName($0) == ColumnName(name) })
            else { continue }
            guard places.updateValue(place, forKey: column) == nil else {
                throw .header(file: file, reason: "column '\(column)' is there twice; keep one of them")
            }
        }
        for name in required where places[name] == nil {
            throw .header(file: file, reason: Self.missing(name, known: known, required: required, found, dialect))
        }
        let unknown = found.indices.filter { !found[$0].isEmpty && !places.values.contains($0) }
        if isStrict, let first = unknown.first {
            let shown = found[first].shortened
            throw .header(file: file, reason: "column '\(shown)' is unknown; \(suggestion(for: shown, among: known))")
        }
        names = known
        self.places = known.map { places[$0] }
    }

    private static func missing(
        _ name: String, known: [String], required: [String], _ found: [String], _ dialect: String
    ) -> String {
        let shown = found.prefix(12).joined(separator: ", ")
        var reason = "column '\(name)' is missing; the header must have \(required.joined(separator: ", "))"
        reason += ", but read as \(dialect) it has "
        reason += "\(shown.count > 200 ? shown.prefix(200) + "…" : shown)"
        if let near = nearestName(to: name, among: found.filter { !known.contains($0) }) {
            reason += "; did you mean '\(near)'?"
        } else if found.count == 1 {
            reason += "; if another character separates its columns, name it with --delimiter"
        }
        return reason
    }

    /// The field of a column, by its place among required and optional columns; empty where the file lacks it.
    func field(_ column: Int, of record: CSVReader.Record) -> FieldReader {
        guard let place = places[column] else {
            return FieldReader(names[column], UnsafeRawBufferPointer(start: nil, count: 0))
        }
        return FieldReader(names[column], record[place])
    }

    /// Refuses a record that has not the header's fields; empty ones behind them do not count.
    func check(_ record: CSVReader.Record) throws(FieldProblem) {
        guard record.count >= fieldCount, (fieldCount..<record.count).allSatisfy({ record[$0].isBlank }) else {
            let count = record.count
            throw FieldProblem(
                column: "", reason: "has \(count) \(count == 1 ? "field" : "fields"), but the header has \(fieldCount)")
        }
        for place in unnamed where !record[place].isBlank {
            throw FieldProblem(
                column: "", reason: "has a value in column \(place + 1), which has no name in the header")
        }
    }
}

extension UnsafeRawBufferPointer {
    /// Whether there is nothing but spaces.
    fileprivate var isBlank: Bool { allSatisfy { $0 == UInt8(ascii: " ") } }
}

extension CSVReader {
    /// How the file is read, such as `UTF-16 (little endian), separated by ';'`.
    var dialect: String { "\(encoding), separated by \(CSVDialect.name(of: separator))" }

    /// Reads the header.
    ///
    /// - Throws: `ImportError` where the file has none, or not the columns that are needed.
    func columns(required: [String], optional: [String], isStrict: Bool) throws -> FileColumns {
        detectSeparator(columns: required + optional)
        switch try next() {
        case .record(let header):
            return try FileColumns(
                header: header, file: path, required: required, optional: optional, isStrict: isStrict,
                dialect: dialect)
        case .malformed(_, let reason):
            throw ImportError.header(file: path, reason: "is not a CSV header: \(reason)")
        case nil:
            throw ImportError.header(
                file: path, reason: "is empty; the header must have \(required.joined(separator: ", "))")
        }
    }

    /// What an operator should know of how the file was read, each a phrase; empty for plain CSV in UTF-8.
    func notes(_ columns: FileColumns) -> [String] {
        var notes: [String] = []
        if encoding != .utf8 || separator != UInt8(ascii: ",") { notes.append("read as \(dialect)") }
        func ignored(_ count: Int, _ one: String, _ many: String) {
            if count > 0 { notes.append("ignored \(count) \(count == 1 ? one : many)") }
        }
        ignored(columns.emptyColumns, "column without a name at the end", "columns without a name at the end")
        ignored(emptyRows, "row without a value", "rows without a value")
        ignored(paddingBytes, "NUL or Ctrl-Z character at the end", "NUL or Ctrl-Z characters at the end")
        return notes
    }
}
