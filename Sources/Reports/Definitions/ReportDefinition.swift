public import Domain
public import Foundation

/// A report as an admin defines it in a file: what it shows of which source, in which order and form.
public struct ReportDefinition: Sendable {
    /// Name of the report: that of its file.
    public let name: String
    /// Title by language.
    public let titles: [Language: String]
    /// Where its rows come from.
    public let source: Source
    /// Which rows it shows; `nil` samples leave the choice to the settings.
    public let accepted: [String: [String]]
    /// The fewest samples of a row, where the definition says.
    public let minimumSamples: Int?
    /// The columns, in order.
    public let columns: [String]
    /// What rows are sorted by, the most important first.
    public let sort: [SortKey]
    /// The most rows; `nil` for all.
    public let limit: Int?
    /// The charts of formats that have pages.
    public let charts: [ChartDefinition]
    /// The formats it is written in.
    public let formats: [ReportFormat]
    /// The language it is written in, where the definition says.
    public let language: Language?

    /// A column to sort by.
    public struct SortKey: Equatable, Sendable {
        /// The column.
        public let column: String
        /// Whether the greatest comes first.
        public let isDescending: Bool
    }

    /// Reads `NAME.yaml` in a folder.
    ///
    /// - Parameter parameters: conditions that replace those of the definition, from `--set key=value`; `limit` as well.
    /// - Throws: `DefinitionError` for an unknown name or value; `MissingFile` where the file cannot be read.
    public init(named name: String, in folder: URL, parameters: [String: String] = [:]) throws {
        try self.init(
            DefinitionFolder(folder, kind: "report").definition(named: name), name: name, parameters: parameters)
    }

    /// Reads a report from its definition.
    public init(_ definition: Definition, name: String, parameters: [String: String] = [:]) throws {
        try definition.allow([
            "title", "from", "where", "columns", "sort", "limit", "charts", "formats", "language",
        ])
        guard let source = try definition.word("from", as: Source.self) else {
            throw definition.error(
                "from", "is missing; known: \(Source.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        self.name = name
        self.source = source
        titles = try Self.titles(definition)
        language = try definition.word("language", as: Language.self)
        formats = try definition.words("formats", as: ReportFormat.self) ?? [.csv]
        charts = try definition.mappings("charts").map { try ChartDefinition($0, source: source) }

        columns = try definition.strings("columns") ?? source.standardColumns
        for column in columns where !source.columns.contains(column) {
            throw definition.error("columns", Self.unknownColumn(column, source))
        }
        sort = try (definition.strings("sort") ?? []).map { text in
            let column = text.hasPrefix("-") ? String(text.dropFirst()) : text
            guard source.columns.contains(column) else {
                throw definition.error("sort", Self.unknownColumn(column, source))
            }
            return SortKey(column: column, isDescending: text.hasPrefix("-"))
        }

        var conditions = try Conditions(definition.mapping("where"), source: source)
        var limit = try definition.integer("limit", in: 1...Int(Int32.max))
        for (key, value) in parameters.sorted(by: { $0.key < $1.key }) {
            if key == "limit" {
                guard let number = Int(value), number > 0 else {
                    throw DefinitionError(
                        place: "command line", key: "--set limit", reason: "is '\(value)', but must be a whole number")
                }
                limit = number
            } else {
                try conditions.set(key, to: [value], source: source) { reason in
                    DefinitionError(place: "command line", key: "--set \(key)", reason: reason)
                }
            }
        }
        accepted = conditions.accepted
        minimumSamples = conditions.minimumSamples
        self.limit = limit
    }

    private static func titles(_ definition: Definition) throws -> [Language: String] {
        if let plain = try? definition.string("title") {  // a mapping by language is read below
            return Dictionary(uniqueKeysWithValues: Language.allCases.map { ($0, plain) })
        }
        guard let titles = try definition.mapping("title") else { throw definition.error("title", "is missing") }
        try titles.allow(Language.allCases.map(\.rawValue))
        var found: [Language: String] = [:]
        for language in Language.allCases {
            found[language] = try titles.string(language.rawValue)
        }
        guard !found.isEmpty else { throw definition.error("title", "is missing") }
        return found
    }

    fileprivate static func unknownColumn(_ column: String, _ source: Source) -> String {
        "has no '\(column)'; \(suggestion(for: column, among: source.columns))"
    }

    /// The title in a language, else in English, else in any.
    public func title(in language: Language) -> String {
        titles[language] ?? titles[.english] ?? titles.values.sorted().first ?? name
    }
}

/// The conditions of a `where`.
private struct Conditions {
    private static let minimumSamplesKey = "min_samples"

    private(set) var accepted: [String: [String]] = [:]
    private(set) var minimumSamples: Int?

    init(_ definition: Definition?, source: Source) throws {
        guard let definition else { return }
        for key in definition.keys {
            try set(key, to: definition.strings(key) ?? [], source: source) { definition.error(key, $0) }
        }
    }

    mutating func set(
        _ key: String, to values: [String], source: Source, error: (String) -> DefinitionError
    ) throws {
        if key == Self.minimumSamplesKey {
            guard let value = values.first, values.count == 1, let number = Int(value), number >= 0 else {
                throw error("must be a whole number of samples")
            }
            minimumSamples = number
            return
        }
        guard source.columns.contains(key) else {
            let known = source.columns + [Self.minimumSamplesKey]
            throw error("is no column of \(source.rawValue); \(suggestion(for: key, among: known))")
        }
        guard !values.isEmpty else { throw error("must be a value or a list of values") }
        if let words = source.words(of: key) {
            for value in values where !words.contains(value) {
                throw error("has no '\(value)'; \(suggestion(for: value, among: words))")
            }
        }
        accepted[key] = values
    }
}
