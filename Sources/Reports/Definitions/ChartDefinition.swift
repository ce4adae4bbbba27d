import Domain

/// A chart of a report, for formats that have pages; a CSV file leaves it out.
public struct ChartDefinition: Equatable, Sendable {
    /// How values are drawn.
    public enum Kind: String, CaseIterable, Sendable {
        /// A bar for each row.
        case bar
        /// A line through all rows.
        case line
    }

    /// How values are drawn.
    public let kind: Kind
    /// The column that names each value.
    public let x: String
    /// The column that is drawn.
    public let y: String
    /// Whether the interval of each value is drawn as well.
    public let showsInterval: Bool
    /// How many rows are drawn, from the first; `nil` for all.
    public let top: Int?

    init(_ definition: Definition, source: Source) throws {
        try definition.allow(["kind", "x", "y", "interval", "top"])
        guard let kind = try definition.word("kind", as: Kind.self) else {
            throw definition.error("kind", "is missing")
        }
        self.kind = kind
        x = try definition.required("x")
        y = try definition.required("y")
        for (key, column) in [("x", x), ("y", y)] where !source.columns.contains(column) {
            throw definition.error(key, "has no '\(column)'; \(suggestion(for: column, among: source.columns))")
        }
        showsInterval = try definition.boolean("interval") ?? false
        top = try definition.integer("top", in: 1...1000)
    }
}
