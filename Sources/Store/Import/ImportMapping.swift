public import Configuration
import Domain
public import Foundation

/// How a flat file from elsewhere, one row a review, is read: which column is what, and what its values mean.
///
/// ```yaml
/// source: drug-reviews
/// calendar: persian
/// ids: {key: [Visit]}
/// fields:
///   mizaj_type: {value: motadel}
///   sex: {column: Sex, values: {Female: female, Male: male}}
///   rating: {column: Satisfaction, scale: [1, 5]}
///   created_at: {column: Date, formats: [yyyy/M/d]}
/// ```
public struct ImportMapping: Sendable {
    /// The source of the clinic's own files.
    static let clinicSource = "clinic"

    /// The source of the records: ids of one source never replace those of another.
    public let source: String
    /// How rows and records are known when they come again.
    let identity: RowIdentity
    /// Values that mean that nothing is known, beside blank ones.
    private let blanks: Set<TextKey>
    /// What is known of each field.
    let fields: [MappedField: FieldMapping]
    /// The columns that the file must have.
    let columns: [String]

    /// Reads a mapping.
    ///
    /// - Throws: `MissingFile` or `DefinitionError`.
    public init(contentsOf url: URL) throws {
        try self.init(Definition(contentsOf: url))
    }

    /// Reads a mapping from its definition.
    ///
    /// - Throws: `DefinitionError`.
    public init(_ definition: Definition) throws {
        try definition.allow(["source", "ids", "blank", "calendar", "fields"])
        source = try definition.required("source")
        guard ![Self.clinicSource, "api"].contains(source) else {
            throw definition.error(
                "source", "is '\(source)', which is the name of the clinic's own records; choose another")
        }
        guard source.forbiddenInName == nil, source.count <= 200 else {
            throw definition.error("source", "must be a name of at most 200 characters without control characters")
        }
        identity = try RowIdentity(definition)
        blanks = Set(try (definition.strings("blank") ?? []).map { TextKey($0) })
        let calendar = try definition.word("calendar", as: InputCalendar.self) ?? .gregorian

        guard let entries = try definition.mapping("fields") else { throw definition.error("fields", "is missing") }
        try entries.allow(MappedField.allCases.map(\.rawValue))
        var fields: [MappedField: FieldMapping] = [:]
        for field in MappedField.allCases {
            fields[field] = try entries.mapping(field.rawValue).map {
                try FieldMapping($0, of: field, calendar: calendar)
            }
        }
        for field in MappedField.allCases where field.isRequired && fields[field] == nil {
            throw entries.error(field.rawValue, "is missing; say which column it is, or give a value")
        }
        if fields[.birthYear] != nil, fields[.age] != nil {
            throw entries.error(MappedField.age.rawValue, "is there beside birth_year; keep one of them")
        }
        self.fields = fields
        var columns: [String] = []
        let named = MappedField.allCases.compactMap { fields[$0]?.column } + identity.keyColumns
        for column in named where !columns.contains(column) { columns.append(column) }
        self.columns = columns
    }

    /// Whether a value means that nothing is known.
    func isBlank(_ value: String) -> Bool {
        value.isEmpty || !blanks.isEmpty && blanks.contains(TextKey(value))
    }
}

/// How rows and records without numbers of their own are known when they come again.
struct RowIdentity: Sendable {
    /// Where new numbers begin that are given to rows and text ids: far behind those that people give.
    static let defaultFirst: Int64 = 1_000_000_000_001

    /// Whether id columns have text, such as `P-00123`, for which numbers are kept.
    let hasTextIDs: Bool
    /// The columns that together tell rows apart; without any, rows without an id are known by all that they say.
    let keyColumns: [String]
    /// The least number that is given.
    let first: Int64

    /// Reads the key `ids` of a mapping: `text`, or a mapping with `text`, `key` and `first`.
    init(_ definition: Definition) throws {
        guard definition.has("ids") else {
            (hasTextIDs, keyColumns, first) = (false, [], Self.defaultFirst)
            return
        }
        guard definition.isMapping("ids"), let ids = try definition.mapping("ids") else {
            let word = try definition.string("ids")
            guard word == "text" else {
                throw definition.error(
                    "ids", "is '\(word ?? "")', but must be text, or a mapping with key, text or first")
            }
            (hasTextIDs, keyColumns, first) = (true, [], Self.defaultFirst)
            return
        }
        try ids.allow(["text", "key", "first"])
        hasTextIDs = try ids.boolean("text") ?? false
        keyColumns = try ids.strings("key") ?? []
        first = Int64(try ids.integer("first", in: 1...(1 << 60)) ?? Int(Self.defaultFirst))
    }
}

/// What a flat row can say.
enum MappedField: String, CaseIterable, Sendable {
    case patient = "patient_id"
    case diagnosis = "diagnosis_id"
    case recommendation = "recommendation_id"
    case feedback = "feedback_id"
    case mizaj = "mizaj_type"
    case sex
    case birthYear = "birth_year"
    /// Years, or a band of years, at the time of the review; instead of a birth year.
    case age
    case condition
    case symptoms
    case herb
    case rating
    case improvement = "symptom_improvement"
    case compliance
    case sideEffects = "side_effects"
    case comment
    case createdAt = "created_at"
    case deletedAt = "deleted_at"

    var isRequired: Bool {
        switch self {
        case .mizaj, .condition, .herb, .rating, .createdAt: true
        default: false
        }
    }

    /// The keys that a mapping of the field may have, beside `column`, `value` and `values`.
    fileprivate var options: [String] {
        switch self {
        case .rating, .improvement, .compliance: ["scale"]
        case .symptoms, .sideEffects: ["separator"]
        case .createdAt, .deletedAt: ["formats", "calendar"]
        case .birthYear: ["calendar"]
        default: []
        }
    }
}

/// Where the value of one field comes from.
struct FieldMapping: Sendable {
    /// The column that holds it.
    let column: String?
    /// The same value for every row.
    let value: String?
    /// What values of the column mean, by the key of their spelling; the others mean themselves.
    private let values: [TextKey: String]
    /// The lowest and highest value of the scale that the column is on.
    let scale: ClosedRange<Double>?
    /// The separator of a list's parts.
    let separator: Unicode.Scalar
    /// The forms of dates, tried in order; RFC 3339 where there are none.
    let formats: [DatePattern]
    /// The calendar of dates and birth years.
    let calendar: InputCalendar

    init(_ definition: Definition, of field: MappedField, calendar: InputCalendar) throws {
        try definition.allow(["column", "value", "values"] + field.options)
        column = try definition.string("column")
        value = try definition.string("value")
        guard (column == nil) != (value == nil) else {
            throw definition.error("column", "either column or value must be there, and not both")
        }
        var values: [TextKey: String] = [:]
        for (key, meaning) in try definition.translations("values") ?? [:] {
            guard values.updateValue(meaning, forKey: TextKey(key)) ?? meaning == meaning else {
                throw definition.error("values", "has '\(key)' in two spellings with two meanings; keep one of them")
            }
        }
        self.values = values

        let bounds = try definition.strings("scale")?.map { Double($0.withPlainDigits) }
        if let bounds {
            guard bounds.count == 2, case let low?? = bounds.first, case let high?? = bounds.last, low < high else {
                throw definition.error("scale", "must be the lowest and the highest value, such as [0, 10]")
            }
            scale = low...high
        } else {
            scale = nil
        }

        let separator = try definition.string("separator") ?? ";"
        guard separator.unicodeScalars.count == 1, let character = separator.unicodeScalars.first else {
            throw definition.error("separator", "must be a single character")
        }
        self.separator = character
        let own = field.options.contains("calendar") ? try definition.word("calendar", as: InputCalendar.self) : nil
        let calendar = own ?? calendar
        self.calendar = calendar
        let texts = field.options.contains("formats") ? try definition.strings("formats") ?? [] : []
        let usual = calendar == .persian && field.options.contains("formats") ? ["yyyy-M-d", "yyyy/M/d"] : []
        formats = try (texts.isEmpty ? usual : texts).map { text in
            guard let pattern = DatePattern(text, isPersian: calendar == .persian) else {
                throw definition.error(
                    "formats",
                    "'\(text)' is not a date form; write it like M/d/yyyy, yyyy-MM-dd HH:mm, d-MMM-yyyy h:mm a, or excel"
                )
            }
            return pattern
        }
    }

    /// What a value of the column means.
    func meaning(of value: String) -> String {
        values.isEmpty ? value : values[TextKey(value)] ?? value
    }
}
