import Configuration
public import Domain

/// A chart of a section, for formats that have pages; a CSV file leaves it out.
public struct ChartDefinition: Equatable, Sendable {
    /// How values are drawn.
    public enum Kind: String, CaseIterable, Sendable {
        /// A bar for each row.
        case bar
        /// A line through the rows, from month to month.
        case line
        /// A small line chart for each value of the column `by`.
        case multiples
        /// A table of colours: a row for each `x`, a column for each `by`.
        case heatmap
        /// From the baseline to the recent rate of each row, for trends.
        case change

        fileprivate var keys: [String] {
            switch self {
            case .bar: ["kind", "title", "x", "y", "interval", "top"]
            case .line: ["kind", "title", "x", "y", "interval"]
            case .multiples: ["kind", "title", "x", "y", "by", "interval", "top"]
            case .heatmap: ["kind", "title", "x", "y", "by", "top"]
            case .change: ["kind", "title", "x", "top"]
            }
        }

        /// How many rows, panels or lines are drawn where the definition does not say.
        fileprivate var standardTop: Int {
            switch self {
            case .bar, .change: 15
            case .line: .max
            case .multiples: 12
            case .heatmap: 20
            }
        }
    }

    /// How values are drawn.
    public let kind: Kind
    /// Title by language; empty where the definition has none.
    public let titles: [Language: String]
    /// The columns that name each value.
    public let x: [String]
    /// The column that is drawn.
    public let y: String
    /// The columns that split rows into panels, or name the columns of a heat map.
    public let by: [String]
    /// Whether the interval of each value is drawn as well.
    public let showsInterval: Bool
    /// How many bars, panels or rows are drawn, from the first.
    public let top: Int

    init(_ definition: Definition, source: Source) throws {
        guard let kind = try definition.word("kind", as: Kind.self) else {
            throw definition.error(
                "kind", "is missing; known: \(Kind.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        try definition.allow(kind.keys)
        self.kind = kind
        titles = try definition.localized("title") ?? [:]
        if kind == .change {
            guard source == .trends else {
                throw definition.error("kind", "is 'change', which only a section from trends can draw")
            }
            y = "recent_rate"
        } else {
            y = try definition.required("y")
        }
        x = try definition.columns("x", of: source) ?? []
        by = kind.keys.contains("by") ? try definition.columns("by", of: source) ?? [] : []
        guard !x.isEmpty else { throw definition.error("x", "is missing") }
        guard kind.keys.contains("by") == !by.isEmpty else { throw definition.error("by", "is missing") }
        guard let drawn = source.column(y) else { throw definition.error("y", source.hasNo(y)) }
        guard [.share, .points, .rating, .count, .seconds, .probability].contains(drawn.kind) else {
            throw definition.error("y", "is '\(y)', which is no number that can be drawn")
        }
        showsInterval = try definition.boolean("interval") ?? true
        top = try definition.integer("top", in: 1...1000) ?? kind.standardTop
    }
}

extension Definition {
    /// One column or several of a source; `nil` where the key is missing.
    func columns(_ key: String, of source: Source) throws -> [String]? {
        guard let names = try strings(key) else { return nil }
        for (position, name) in names.enumerated() {
            guard source.column(name) != nil else { throw error(key, item: position, source.hasNo(name)) }
            guard !names[..<position].contains(name) else {
                throw error(key, item: position, "has '\(name)' twice; keep one of them")
            }
        }
        return names
    }

    /// A text in one language for all, or a mapping by language; `nil` where the key is missing.
    func localized(_ key: String) throws -> [Language: String]? {
        guard has(key) else { return nil }
        guard isMapping(key) else {
            let text = try required(key)
            return Dictionary(uniqueKeysWithValues: Language.allCases.map { ($0, text) })
        }
        guard let texts = try mapping(key) else { return nil }
        try texts.allow(Language.allCases.map(\.rawValue))
        var found: [Language: String] = [:]
        for language in Language.allCases { found[language] = try texts.string(language.rawValue) }
        guard !found.isEmpty else { throw error(key, "must be a text, or a text for each language") }
        return found
    }
}

extension [Language: String] {
    /// The text in a language, else in English, else in any.
    func text(in language: Language) -> String? {
        self[language] ?? self[.english] ?? values.min()
    }
}

extension Source {
    /// Why a column is refused.
    func hasNo(_ column: String) -> String {
        "has no '\(column)'; \(suggestion(for: column, among: columns.map(\.name)))"
    }
}
