import Domain
import Foundation

/// Turns the rows of a flat file into records: each is one patient, one diagnosis, one recommendation and one feedback.
struct MappedRows: RowImporter {
    let columns: FileColumns
    private let mapping: ImportMapping
    /// Where the column of each field stands in `columns`, for the fields that have one.
    private let places: [MappedField: Int]
    private let now: Instant
    private let timezone: ClinicTimeZone

    init(_ mapping: ImportMapping, reader: CSVReader, now: Instant, timezone: ClinicTimeZone) throws {
        self.mapping = mapping
        columns = try reader.columns(required: mapping.columns, optional: [], isStrict: false)
        places = mapping.fields.compactMapValues { $0.column.flatMap(mapping.columns.firstIndex(of:)) }
        self.now = now
        self.timezone = timezone
    }

    func read(_ record: CSVReader.Record, _ add: (RowBatch.Record) -> Void) throws {
        // Rows are numbered by where they stand, so that a refused one does not shift the others. The header is the first.
        let row = mapping.firstID + Int64(record.ordinal) - 2
        let createdAt = try required(.createdAt, record) { try instant($0, .createdAt) }
        let patient = Patient(
            id: try id(.patient, record, row),
            mizaj: try required(.mizaj, record) { try $0.mizaj() },
            sex: try optional(.sex, record) { try $0.sex() },
            birthYear: try birthYear(record, createdAt: createdAt))
        let diagnosis = Diagnosis(
            id: try id(.diagnosis, record, row), patient: patient.id,
            condition: try required(.condition, record) { try $0.name() },
            symptoms: try list(.symptoms, record), createdAt: createdAt)
        let recommendation = Recommendation(
            id: try id(.recommendation, record, row), diagnosis: diagnosis.id,
            herb: try required(.herb, record) { try $0.name() }, createdAt: createdAt)
        let feedback = Feedback(
            id: try id(.feedback, record, row), recommendation: recommendation.id,
            rating: try required(.rating, record) { try rating($0, .rating) },
            improvement: try optional(.improvement, record) { try rating($0, .improvement) },
            compliance: try optional(.compliance, record) { try compliance($0) },
            sideEffects: try list(.sideEffects, record),
            comment: try optional(.comment, record) { try $0.comment() },
            createdAt: createdAt, deletedAt: try optional(.deletedAt, record) { try instant($0, .deletedAt) })
        add(.patient(patient))
        add(.diagnosis(diagnosis))
        add(.recommendation(recommendation))
        add(.feedback(feedback))
    }

    func columns(of record: RowBatch.Record) -> (id: String, parent: String) {
        switch record {
        case .patient: (name(.patient), "")
        case .diagnosis: (name(.diagnosis), name(.patient))
        case .recommendation: (name(.recommendation), name(.diagnosis))
        case .feedback: (name(.feedback), name(.recommendation))
        }
    }

    // MARK: Fields

    /// What messages call a field: the file's column, else the field.
    private func name(_ field: MappedField) -> String {
        mapping.fields[field]?.column ?? field.rawValue
    }

    private func required<Value>(
        _ field: MappedField, _ record: CSVReader.Record, _ read: (FieldReader) throws -> Value
    ) throws -> Value {
        guard let value = try optional(field, record, { try read($0) }) else {
            throw FieldProblem(column: name(field), reason: "is empty, but must have a value")
        }
        return value
    }

    /// The value of a field; `nil` where the mapping has none, or the row leaves it blank.
    private func optional<Value>(
        _ field: MappedField, _ record: CSVReader.Record, _ read: (FieldReader) throws -> Value?
    ) throws -> Value? {
        guard let source = mapping.fields[field] else { return nil }
        var text: String
        if let place = places[field] {
            let entered = try columns.field(place, of: record).text()
            text = source.values[entered] ?? (mapping.blanks.contains(entered) ? "" : entered)
        } else {
            text = source.value ?? ""
        }
        guard !text.isEmpty else { return nil }
        return try text.withUTF8 { try read(FieldReader(name(field), UnsafeRawBufferPointer($0))) }
    }

    private func id<Record>(_ field: MappedField, _ record: CSVReader.Record, _ row: Int64) throws -> Identifier<Record>
    {
        guard mapping.fields[field] != nil else { return Identifier(rawValue: row) }
        return try required(field, record) { try $0.identifier() }
    }

    private func list(_ field: MappedField, _ record: CSVReader.Record) throws -> [String] {
        let separator = mapping.fields[field]?.separator ?? ";"
        return try optional(field, record) { try $0.list(separator: separator) } ?? []
    }

    // MARK: Meanings

    private func instant(_ field: FieldReader, _ kind: MappedField) throws(FieldProblem) -> Instant {
        let formats = mapping.fields[kind]?.formats ?? []
        if formats.isEmpty { return try field.instant(now: now) }
        for format in formats {
            if let instant = format.instant(of: field.bytes, in: timezone) {
                return try field.notInFuture(instant, now: now)
            }
        }
        throw field.problem("is \(field.shown), which is in none of the mapping's date formats")
    }

    /// A value on the mapping's scale, as a share of it.
    private func share(_ field: FieldReader, of scale: ClosedRange<Double>) throws(FieldProblem) -> Double {
        guard let number = field.decimal(), scale.contains(number) else {
            throw field.problem("is \(field.shown), but must lie from \(scale.lowerBound) to \(scale.upperBound)")
        }
        return (number - scale.lowerBound) / (scale.upperBound - scale.lowerBound)
    }

    private func rating(_ field: FieldReader, _ kind: MappedField) throws(FieldProblem) -> Rating {
        guard let scale = mapping.fields[kind]?.scale, scale != 1...5 else { return try field.rating() }
        let stars = 1 + 4 * (try share(field, of: scale))
        guard let rating = Rating(Int(stars.rounded())) else {
            throw field.problem("is \(field.shown), which is no rating")
        }
        return rating
    }

    private func compliance(_ field: FieldReader) throws(FieldProblem) -> Compliance? {
        guard let scale = mapping.fields[.compliance]?.scale else { return try field.compliance() }
        return Compliance(try share(field, of: scale))
    }

    private func birthYear(_ record: CSVReader.Record, createdAt: Instant) throws -> Int? {
        if let year = try optional(.birthYear, record, { try $0.birthYear(now: now) }) { return year }
        return try optional(.age, record) { field in
            let text = String(decoding: field.bytes, as: UTF8.self)
            guard let age = AgeBand(text), case let year = timezone.day(of: createdAt).date.year - age.years,
                year >= 1900
            else { throw field.problem("is \(field.shown), but must be an age such as 34, 25-34, 75+ or '75 or over'") }
            return year
        }
    }
}

/// An age in years, as reviews give it: a number, a band such as `25-34`, or an open one such as `75 or over`.
struct AgeBand {
    /// The age that stands for the band: its middle rounded down, or the lower end of an open one.
    let years: Int

    init?(_ text: String) {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false)
            .map { Int($0.trimmingCharacters(in: .whitespaces)) }
        switch (ends.count, ends.first, ends.last) {
        case (1, .some(.some(let age)), _):
            years = age
        case (2, .some(.some(let low)), .some(.some(let high))) where low <= high:
            years = (low + high) / 2
        default:
            let number = text.prefix { $0.isASCII && $0.isNumber }
            let rest = text.dropFirst(number.count).trimmingCharacters(in: .whitespaces)
            guard let age = Int(number), ["+", "or over", "and over", "or older"].contains(rest) else { return nil }
            years = age
        }
        guard (0...120).contains(years) else { return nil }
    }
}
