public import Configuration
public import Domain
public import Foundation

/// A report as an admin defines it in a file: what it shows of which source, in which order and form.
public struct ReportDefinition: Sendable {
    /// Name of the report: that of its file.
    public let name: String
    /// Title by language.
    public let titles: [Language: String]
    /// The headline figures.
    public let figures: [FigureKind]
    /// What it shows, part by part.
    public let sections: [SectionDefinition]
    /// The formats it is written in; all where the definition names none.
    public let formats: [ReportFormat]
    /// The language it is written in, where the definition says.
    public let language: Language?

    private static let keys = ["title", "figures", "formats", "language"]

    /// Reads `NAME.yaml` in a folder.
    ///
    /// - Parameter parameters: conditions that replace those of the definition, from `--set key=value`; `limit` as well.
    /// - Throws: `DefinitionError` for an unknown name or value; `MissingFile` where the file cannot be read.
    public init(named name: String, in folder: URL, parameters: [String: String] = [:]) throws {
        try self.init(
            DefinitionFolder(folder, kind: "report").definition(named: name), name: name, parameters: parameters)
    }

    /// All reports of a folder, by name.
    public static func all(in folder: URL) throws -> [ReportDefinition] {
        try DefinitionFolder(folder, kind: "report").names().map { try Self(named: $0, in: folder) }
    }

    /// Reads a report from its definition.
    public init(_ definition: Definition, name: String, parameters: [String: String] = [:]) throws {
        self.name = name
        var sections: [SectionDefinition]
        if definition.has("sections") {
            for key in definition.keys where SectionDefinition.keys.contains(key) {
                throw definition.error(key, "stands beside 'sections'; put it into one of them")
            }
            try definition.allow(Self.keys + ["sections"])
            sections = try definition.mappings("sections").map(Self.section)
            guard !sections.isEmpty else { throw definition.error("sections", "must be a list of sections") }
            for (position, section) in sections.enumerated()
            where sections[..<position].contains(where: { $0.name == section.name }) {
                throw definition.error("sections", "has '\(section.name ?? "")' twice; give each its own name")
            }
        } else {
            try definition.allow(Self.keys + SectionDefinition.keys)
            sections = [try SectionDefinition(definition, name: nil)]
        }
        guard let titles = try definition.localized("title") else { throw definition.error("title", "is missing") }
        self.titles = titles
        figures = try definition.words("figures", as: FigureKind.self) ?? FigureKind.standard
        language = try definition.word("language", as: Language.self)
        formats = try definition.words("formats", as: ReportFormat.self) ?? ReportFormat.allCases
        try Self.apply(parameters, to: &sections)
        self.sections = sections
    }

    private static func section(_ definition: Definition) throws -> SectionDefinition {
        try definition.allow(["name", "title"] + SectionDefinition.keys)
        let name = try definition.required("name")
        guard !name.contains(where: { $0 == "." || $0 == "=" || $0 == "," || $0.isWhitespace }) else {
            throw definition.error("name", "is '\(name)', but must be a word, such as side-effects")
        }
        return try SectionDefinition(definition, name: name)
    }

    /// Sets `key=value` in all sections that have what it is about, and `section.key=value` in that one.
    private static func apply(_ parameters: [String: String], to sections: inout [SectionDefinition]) throws {
        for (parameter, value) in parameters.sorted(by: { $0.key < $1.key }) {
            func error(_ reason: String) -> DefinitionError {
                DefinitionError(place: "command line", key: "--set \(parameter)", reason: reason)
            }
            let parts = parameter.split(separator: ".", maxSplits: 1)
            let named = sections.firstIndex { $0.name != nil && $0.name == parts.first.map(String.init) }
            if let named, parts.count == 2 {
                try sections[named].set(String(parts[1]), to: value, error: error)
                continue
            }
            var takers = sections.indices.filter { sections[$0].takes(parameter) }
            if takers.isEmpty { takers = [0] }  // which says what it has instead
            for taker in takers { try sections[taker].set(parameter, to: value, error: error) }
        }
    }

    /// The title in a language, else in English, else in any.
    public func title(in language: Language) -> String {
        titles.text(in: language) ?? name
    }
}
