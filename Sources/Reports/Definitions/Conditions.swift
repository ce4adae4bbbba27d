import Configuration
import Domain

/// The conditions of a `where`: which rows a section shows.
struct Conditions {
    static let minimumSamplesKey = "min_samples"

    /// Accepted values by column.
    private(set) var accepted: [String: [String]] = [:]
    /// The fewest samples of a row, where the definition says.
    private(set) var minimumSamples: Int?

    init(_ definition: Definition?, source: Source) throws {
        guard let definition else { return }
        for key in definition.keys {
            try set(key, to: definition.strings(key) ?? [], source: source) { definition.error(key, $0) }
        }
    }

    /// Whether a source has what a key is about.
    static func has(_ key: String, source: Source) -> Bool {
        key == minimumSamplesKey ? source.samplesColumn != nil : source.column(key) != nil
    }

    /// Sets a condition, instead of one that stands.
    mutating func set(
        _ key: String, to values: [String], source: Source, error: (String) -> DefinitionError
    ) throws {
        guard Self.has(key, source: source) else {
            let known = source.columns.map(\.name) + (source.samplesColumn == nil ? [] : [Self.minimumSamplesKey])
            throw error("is no column of \(source.rawValue); \(suggestion(for: key, among: known))")
        }
        if key == Self.minimumSamplesKey {
            guard let value = values.first, values.count == 1, let number = Int(value.withPlainDigits),
                number >= 0
            else {
                throw error("must be a whole number of samples")
            }
            minimumSamples = number
            return
        }
        guard !values.isEmpty else { throw error("must be a value or a list of values") }
        accepted[key] = try values.map { value in
            try Self.plain(value, of: source.column(key)?.kind, error: error)
        }
        if let words = source.words(of: key) {
            for value in accepted[key] ?? [] where !words.contains(value) {
                throw error("has no '\(value)'; \(suggestion(for: value, among: words))")
            }
        }
    }
    /// A value as results have it: digits of numbers and words as 0–9, days in the Gregorian calendar.
    private static func plain(
        _ value: String, of kind: ColumnKind?, error: (String) -> DefinitionError
    ) throws -> String {
        switch kind {
        case .name, .note, nil: return value
        case .day:
            // Any error about it says the same here: no setting is known that would let it be read.
            guard let day = try? TypedDay(value).day(in: .gregorian, for: "") else {
                throw error("has '\(value)', which is not a day; write it as 2026-10-20, or as 1405-07-28-persian")
            }
            return "\(day)"
        default: return value.withPlainDigits
        }
    }
}
