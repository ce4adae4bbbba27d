import Configuration
public import Domain

/// A section of a report: a table of one source, with its charts.
public struct SectionDefinition: Sendable {
    /// Name of the section, which `--set NAME.key=value` and the CSV file use; `nil` where the report is one section.
    public let name: String?
    /// Title by language; empty where it has none of its own.
    public let titles: [Language: String]
    /// What stands under the title, by language; empty where nothing does.
    public let notes: [Language: String]
    /// Where its rows come from.
    public let source: Source
    /// The columns, in order.
    public let columns: [String]
    /// What rows are sorted by, the most important first.
    public let sort: [SortKey]
    /// The charts.
    public let charts: [ChartDefinition]
    /// The most rows that a page shows; `nil` for all.
    public private(set) var limit: Int?
    private var conditions: Conditions

    /// Which rows it shows: accepted values by column.
    public var accepted: [String: [String]] { conditions.accepted }
    /// The fewest samples of a row, where the definition says.
    public var minimumSamples: Int? { conditions.minimumSamples }

    /// A column to sort by.
    public struct SortKey: Equatable, Sendable {
        /// The column.
        public let column: String
        /// Whether the greatest comes first.
        public let isDescending: Bool
    }

    /// The keys of a section.
    static let keys = ["note", "from", "where", "columns", "sort", "limit", "charts"]

    /// Reads a section, whose title is the report's where `name` is `nil`.
    init(_ definition: Definition, name: String?) throws {
        guard let source = try definition.word("from", as: Source.self) else {
            throw definition.error(
                "from", "is missing; known: \(Source.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        self.name = name
        self.source = source
        titles = name == nil ? [:] : try definition.localized("title") ?? [:]
        notes = try definition.localized("note") ?? [:]
        columns = try definition.columns("columns", of: source) ?? source.standardColumns
        sort = try (definition.strings("sort") ?? []).enumerated().map { position, text in
            let column = text.hasPrefix("-") ? String(text.dropFirst()) : text
            guard source.column(column) != nil else {
                throw definition.error("sort", item: position, source.hasNo(column))
            }
            return SortKey(column: column, isDescending: text.hasPrefix("-"))
        }
        charts = try definition.mappings("charts").map { try ChartDefinition($0, source: source) }
        limit = try definition.integer("limit", in: 1...Int(Int32.max))
        conditions = try Conditions(definition.mapping("where"), source: source)
    }

    /// Whether a parameter of the command line is about this section.
    func takes(_ key: String) -> Bool {
        key == "limit" || Conditions.has(key, source: source)
    }

    /// Replaces the limit or a condition.
    mutating func set(_ key: String, to value: String, error: (String) -> DefinitionError) throws {
        if key == "limit" {
            guard let number = Int(value.withPlainDigits), number > 0 else {
                throw error("is '\(value)', but must be a whole number")
            }
            limit = number
        } else {
            try conditions.set(key, to: [value], source: source, error: error)
        }
    }
}
