import Crypto
import Domain
import Foundation
import Synchronization

/// Turns the rows of a flat file into records: each is one patient, one diagnosis, one recommendation and one feedback.
final class MappedRows: RowImporter {
    let columns: FileColumns
    private let mapping: ImportMapping
    /// The place of each field's column in `columns`, for the fields that have one.
    private let places: [MappedField: Int]
    private let keyPlaces: [Int]
    private let now: Instant
    private let timezone: ClinicTimeZone
    private let state = Mutex(State())

    private struct State {
        /// How often each content was there, for rows that are known by their content.
        var occurrences: [RecordKey: Int] = [:]
        var rows: Int64 = 0
        var ambiguous = AmbiguousDates()
    }

    init(_ mapping: ImportMapping, reader: CSVReader, now: Instant, timezone: ClinicTimeZone) throws {
        self.mapping = mapping
        columns = try reader.columns(required: mapping.columns, optional: [], isStrict: false)
        places = mapping.fields.compactMapValues { $0.column.flatMap(mapping.columns.firstIndex(of:)) }
        keyPlaces = mapping.identity.keyColumns.compactMap(mapping.columns.firstIndex(of:))
        self.now = now
        self.timezone = timezone
    }

    func read(_ record: CSVReader.Record, _ add: (WrittenRecord) -> Void) throws -> RowBatch.Flat? {
        let createdAt = try required(.createdAt, record) { try instant($0, .createdAt, line: record.line) }
        let birth = try birthYear(record, createdAt: createdAt)
        let flat = RowBatch.Flat(
            patient: try id(.patient, record), diagnosis: try id(.diagnosis, record),
            recommendation: try id(.recommendation, record), feedback: try id(.feedback, record),
            row: try rowKey(record), formerNumber: formerNumber, birthYears: birth?.range)
        let patient = Patient(
            id: Identifier(rawValue: 0), mizaj: try required(.mizaj, record) { try $0.mizaj() },
            sex: try optional(.sex, record) { try $0.sex() }, birthYear: birth?.year)
        let diagnosis = Diagnosis(
            id: Identifier(rawValue: 0), patient: patient.id,
            condition: try required(.condition, record) { try $0.name() },
            symptoms: try list(.symptoms, record), createdAt: createdAt)
        let recommendation = Recommendation(
            id: Identifier(rawValue: 0), diagnosis: diagnosis.id,
            herb: try required(.herb, record) { try $0.name() }, createdAt: createdAt)
        let feedback = Feedback(
            id: Identifier(rawValue: 0), recommendation: recommendation.id,
            rating: try required(.rating, record) { try rating($0, .rating) },
            improvement: try optional(.improvement, record) { try rating($0, .improvement) },
            compliance: try optional(.compliance, record) { try compliance($0) },
            sideEffects: try list(.sideEffects, record),
            comment: try optional(.comment, record) { try $0.comment() }, createdAt: createdAt,
            deletedAt: try optional(.deletedAt, record) { try instant($0, .deletedAt, line: record.line) })
        try feedback.refuseEarlyDeletion(column: name(.deletedAt))
        add(.patient(patient))
        add(.diagnosis(diagnosis))
        add(.recommendation(recommendation))
        add(.feedback(feedback))
        return flat
    }

    func columnNames(of record: WrittenRecord) -> RecordColumns {
        let created = name(.createdAt)
        return switch record {
        case .patient: RecordColumns(id: name(.patient), parent: "", createdAt: "")
        case .diagnosis: RecordColumns(id: name(.diagnosis), parent: name(.patient), createdAt: created)
        case .recommendation: RecordColumns(id: name(.recommendation), parent: name(.diagnosis), createdAt: created)
        case .feedback: RecordColumns(id: name(.feedback), parent: name(.recommendation), createdAt: created)
        }
    }

    func name(of field: String) -> String {
        let known = MappedField(rawValue: field)
        if known == .birthYear, mapping.fields[.age] != nil { return name(.age) }
        return known.map(name) ?? field
    }

    var notes: [String] { state.withLock { $0.ambiguous.note(column: name(.createdAt)).map { [$0] } ?? [] } }

    // MARK: Identity

    func beginRow() { state.withLock { $0.rows += 1 } }

    /// The number that versions without keys gave to the row: by its position.
    private var formerNumber: Int64 { mapping.identity.first + state.withLock { $0.rows } - 1 }

    private func id(_ field: MappedField, _ record: CSVReader.Record) throws -> RecordKey? {
        guard mapping.fields[field] != nil else { return nil }
        guard mapping.identity.hasTextIDs else {
            let number: Identifier<Never> = try required(field, record) { try $0.identifier() }
            return .number(number.rawValue)
        }
        return try required(field, record) { field in
            let text = try field.text()
            guard text.forbiddenInName == nil, text.utf8.count <= 200 else {
                throw field.problem("must be an id of at most 200 bytes without control characters")
            }
            return .text(text.withPlainDigits)
        }
    }

    /// What the row is known by when it comes again; `nil` where each of its records has an id of its own.
    private func rowKey(_ record: CSVReader.Record) throws -> RecordKey? {
        let ids = [MappedField.patient, .diagnosis, .recommendation, .feedback]
        guard ids.contains(where: { mapping.fields[$0] == nil }) else { return nil }
        if mapping.fields[.feedback] != nil { return Self.digest("id", [try entered(.feedback, record)]) }
        if !keyPlaces.isEmpty {
            let texts = try keyPlaces.map { try columns.field($0, of: record).text().withPlainDigits }
            guard texts.contains(where: { !$0.isEmpty }) else {
                throw FieldProblem(
                    column: mapping.identity.keyColumns.joined(separator: ", "),
                    reason: "is empty, but tells rows apart")
            }
            return Self.digest("key", texts)
        }
        let content = try MappedField.allCases.filter { $0 != .deletedAt && places[$0] != nil }.map {
            try entered($0, record)
        }
        let digest = Self.digest("content", content)
        let earlier = state.withLock { state in
            defer { state.occurrences[digest, default: 0] += 1 }
            return state.occurrences[digest] ?? 0
        }
        // Rows that say the same are as many records.
        return earlier == 0 ? digest : Self.digest("content", content + ["\(earlier)"])
    }

    private static func digest(_ kind: String, _ texts: [String]) -> RecordKey {
        var hash = SHA256()
        for text in [kind] + texts {
            hash.update(data: Data("\(text.utf8.count):".utf8))
            hash.update(data: Data(text.utf8))
        }
        return .row(Array(hash.finalize().prefix(16)))
    }

    // MARK: Fields

    /// What messages call a field: the file's column, else the field.
    private func name(_ field: MappedField) -> String {
        mapping.fields[field]?.column ?? field.rawValue
    }

    /// The value of a field's column as the file has it.
    private func entered(_ field: MappedField, _ record: CSVReader.Record) throws -> String {
        guard let place = places[field] else { return mapping.fields[field]?.value ?? "" }
        return try columns.field(place, of: record).text()
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
        var text = try entered(field, record)
        if places[field] != nil {
            let meaning = source.meaning(of: text)
            text = meaning == text && mapping.isBlank(text) ? "" : meaning
        }
        guard !text.isEmpty else { return nil }
        return try text.withUTF8 { bytes in
            let field = FieldReader(name(field), UnsafeRawBufferPointer(bytes))
            return field.isEmpty ? nil : try read(field)
        }
    }

    private func list(_ field: MappedField, _ record: CSVReader.Record) throws -> [String] {
        let separator = mapping.fields[field]?.separator ?? ";"
        return try optional(field, record) { try $0.list(separator: separator) } ?? []
    }

    // MARK: Meanings

    private func instant(_ field: FieldReader, _ kind: MappedField, line: Int) throws -> Instant {
        let formats = mapping.fields[kind]?.formats ?? []
        if formats.isEmpty { return try field.instant(now: now) }
        return try field.withPlainDigits { (plain) throws(FieldProblem) in
            var found: (instant: Instant, format: DatePattern)?
            for format in formats {
                guard let instant = format.instant(of: plain.bytes, in: timezone) else { continue }
                guard let first = found else {
                    found = (instant, format)
                    continue
                }
                if first.instant != instant {
                    state.withLock { $0.ambiguous.add(field.shown, line: line, first.format, format) }
                    break
                }
            }
            guard let found else {
                throw field.problem("is \(field.shown), which is in none of the mapping's date formats")
            }
            return try field.plausible(found.instant, now: now)
        }
    }

    /// A value on the mapping's scale, as a share of it.
    private func share(_ field: FieldReader, of scale: ClosedRange<Double>) throws(FieldProblem) -> Double {
        guard let number = try field.decimal(), scale.contains(number) else {
            throw field.problem("is \(field.shown), but must be from \(scale.lowerBound) to \(scale.upperBound)")
        }
        return (number - scale.lowerBound) / (scale.upperBound - scale.lowerBound)
    }

    private func rating(_ field: FieldReader, _ kind: MappedField) throws(FieldProblem) -> Rating {
        guard let scale = mapping.fields[kind]?.scale, scale != 1...5 else { return try field.rating() }
        let stars = 1 + 4 * (try share(field, of: scale))
        guard let rating = Rating(Int(stars.rounded())) else {
            throw field.problem("is \(field.shown), which is not a rating")
        }
        return rating
    }

    private func compliance(_ field: FieldReader) throws(FieldProblem) -> Compliance? {
        guard let scale = mapping.fields[.compliance]?.scale else { return try field.compliance() }
        return Compliance(try share(field, of: scale))
    }

    /// The birth year, and where an age or a Persian year leaves several open, all of them.
    private func birthYear(
        _ record: CSVReader.Record, createdAt: Instant
    ) throws -> (year: Int, range: ClosedRange<Int>?)? {
        if mapping.fields[.birthYear]?.calendar == .persian {
            return try optional(.birthYear, record) { field in
                let year = Int(try field.required().text().withPlainDigits)
                guard let year, let first = PersianCalendar.day(year: year, month: 1, day: 1)?.date.year,
                    first >= 1900, first <= Day(now, offset: 0).date.year
                else { throw field.problem("is \(field.shown), but must be a Persian year such as 1365") }
                return (first, first...first + 1)
            }
        }
        if let year = try optional(.birthYear, record, { try $0.birthYear(now: now) }) { return (year, nil) }
        return try optional(.age, record) { field in
            let text = String(decoding: field.bytes, as: UTF8.self).withPlainDigits
            let year = timezone.day(of: createdAt).date.year
            guard let age = AgeBand(text), year - age.years >= 1900 else {
                throw field.problem("is \(field.shown), but must be an age such as 34, 25-34, 75+, <1 or '75 or over'")
            }
            return (year - age.years, age.birthYears(in: year))
        }
    }
}

/// Dates that two forms of a mapping read differently.
private struct AmbiguousDates {
    private var count = 0
    private var first: (shown: String, line: Int, used: DatePattern, other: DatePattern)?

    mutating func add(_ shown: String, line: Int, _ used: DatePattern, _ other: DatePattern) {
        count += 1
        if first == nil { first = (shown, line, used, other) }
    }

    /// What to say of them; `nil` where there are none.
    func note(column: String) -> String? {
        guard let first else { return nil }
        return """
            \(count) \(count == 1 ? "value" : "values") of '\(column)' can be read both as \(first.used) and as \(first.other), \
            which are different days (line \(first.line): \(first.shown)); read as \(first.used), the first of the formats
            """
    }
}
