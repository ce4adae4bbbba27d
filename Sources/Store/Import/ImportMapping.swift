public import Domain
public import Foundation

/// How a flat file from elsewhere, one row a review, is read: which column is what, and how its values are meant.
///
/// ```yaml
/// source: drug-reviews
/// ids: {first: 1}
/// fields:
///   mizaj_type: {value: motadel}
///   sex: {column: Sex, values: {Female: female, Male: male}}
///   rating: {column: Satisfaction, scale: [1, 5]}
///   created_at: {column: Date, formats: [M/d/yyyy]}
/// ```
public struct ImportMapping: Sendable {
    /// The source of the clinic's own files.
    static let clinicSource = "clinic"

    /// Whose records these are: ids of one source never replace those of another.
    public let source: String
    /// The id of the records of the first row, where no column gives one; further rows count on.
    let firstID: Int64
    /// Values that mean that nothing is known, beside blank ones.
    let blanks: Set<String>
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
        try definition.allow(["source", "ids", "blank", "fields"])
        source = try definition.required("source")
        guard source != Self.clinicSource else {
            throw definition.error(
                "source", "is '\(source)', which is the name of the clinic's own files; choose another")
        }
        let ids = try definition.mapping("ids")
        try ids?.allow(["first"])
        firstID = Int64(try ids?.integer("first", in: 1...(1 << 60)) ?? 1)
        blanks = Set(try definition.strings("blank") ?? [])

        guard let entries = try definition.mapping("fields") else { throw definition.error("fields", "is missing") }
        try entries.allow(MappedField.allCases.map(\.rawValue))
        var fields: [MappedField: FieldMapping] = [:]
        for field in MappedField.allCases {
            fields[field] = try entries.mapping(field.rawValue).map { try FieldMapping($0, of: field) }
        }
        for field in MappedField.allCases where field.isRequired && fields[field] == nil {
            throw entries.error(field.rawValue, "is missing; say which column it is, or give a value")
        }
        if fields[.birthYear] != nil, fields[.age] != nil {
            throw entries.error(MappedField.age.rawValue, "stands beside birth_year; keep one of them")
        }
        self.fields = fields
        var columns: [String] = []
        for case let column? in MappedField.allCases.map({ fields[$0]?.column }) where !columns.contains(column) {
            columns.append(column)
        }
        self.columns = columns
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
        case .createdAt, .deletedAt: ["formats"]
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
    /// What values of the column mean; the others mean themselves.
    let values: [String: String]
    /// The lowest and highest value of the scale that the column is on.
    let scale: ClosedRange<Double>?
    /// What stands between the parts of a list.
    let separator: Unicode.Scalar
    /// The forms of dates, tried in order; RFC 3339 where there are none.
    let formats: [DatePattern]

    init(_ definition: Definition, of field: MappedField) throws {
        try definition.allow(["column", "value", "values"] + field.options)
        column = try definition.string("column")
        value = try definition.string("value")
        guard (column == nil) != (value == nil) else {
            throw definition.error("column", "either column or value must be there, and not both")
        }
        values = try definition.translations("values") ?? [:]

        let bounds = try definition.strings("scale")?.map { Double($0) }
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
        formats = try (definition.strings("formats") ?? []).map { text in
            guard let pattern = DatePattern(text) else {
                throw definition.error(
                    "formats", "'\(text)' is no date form; write it like M/d/yyyy or yyyy-MM-dd HH:mm")
            }
            return pattern
        }
    }
}
