public import Domain
public import Store

/// A report with its rows, ready to be written in any format. It belongs to the reader that it was made from.
public struct Report {
    /// What it is made after.
    public let definition: ReportDefinition
    /// The language that it is written in.
    public let language: Language
    /// What it shows, part by part.
    public let sections: [ReportSection]
    /// The run that published its numbers, and the day that they are of.
    public let input: ReportInput
    let figures: [Figure]
    let formatter: CellFormatter

    /// The day that its numbers are of.
    public var asOf: Day { input.asOf }
    /// The title.
    public var title: String { definition.title(in: language) }

    /// Gathers the rows of a report from what was published.
    ///
    /// - Parameters:
    ///   - language: the language that it is written in.
    ///   - minimumSamples: the fewest samples, where the definition does not say.
    /// - Throws: `ReportError.notComputed` where a stage it shows never ran.
    public init(
        _ definition: ReportDefinition, from results: any PublishedResults, language: Language, minimumSamples: Int
    ) throws {
        let input = try ReportInput(
            results, sources: definition.sections.map(\.source), calendar: language.calendar)
        let formatter = CellFormatter(language)
        self.definition = definition
        self.language = language
        self.input = input
        self.formatter = formatter
        sections = try definition.sections.map {
            try ReportSection($0, from: input, minimumSamples: minimumSamples, formatter: formatter)
        }
        let builder = try FigureBuilder(definition.figures, from: input, formatter: formatter)
        figures = definition.figures.map(builder.figure)
    }
}
