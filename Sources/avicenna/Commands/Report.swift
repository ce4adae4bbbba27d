import ArgumentParser
import Configuration
import Domain
import Foundation
import Reports
import Store
import StoreSQLite

/// `avicenna report`
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Write a report from the published results.",
        usage: """
            avicenna report <name> [<options>]
            avicenna report --list
            avicenna report --columns <source>
            """)

    @Argument(help: "Name of the report.")
    var name: String?

    @Flag(help: "Show all reports with their titles.")
    var list = false

    @Option(help: ArgumentHelp("Show the columns that a definition may use of a source.", valueName: "source"))
    var columns: Source?

    @Option(help: "The day that the results must be of. (default: whatever was published)")
    var asOf: TypedDay?

    @Option(help: ArgumentHelp("Formats instead of the definition's, with commas between.", valueName: "csv,xlsx,pdf"))
    var formats: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "A condition that replaces the definition's, such as level=treatment or limit=10; of one section, SECTION.key=value.",
            valueName: "key=value"))
    var parameters: [String] = []

    @Option(help: "How to print a list: table, csv or json.")
    var format: OutputFormat = .table

    @OptionGroup var options: SettingsOptions

    func validate() throws {
        guard [name != nil, list, columns != nil].count(where: { $0 }) == 1 else {
            throw ValidationError("Name a report, or ask for --list or --columns SOURCE.")
        }
    }

    func run() throws {
        let settings = try options.load()
        if list {
            try printReports(settings)
        } else if let columns {
            try printColumns(of: columns)
        } else if let name {
            try write(name, settings)
        }
    }

    // MARK: What there is

    private func printReports(_ settings: Settings) throws {
        var printer = RowPrinter(format: format, columns: ["report", "title", "from", "formats"])
        try printer.begin()
        for report in try ReportDefinition.all(in: settings.reports) {
            var sources: [String] = []
            for section in report.sections where !sources.contains(section.source.rawValue) {
                sources.append(section.source.rawValue)
            }
            try printer.print([
                .text(report.name), .text(report.title(in: report.language ?? settings.language)),
                .text(sources.joined(separator: ", ")),
                .text(report.formats.map(\.rawValue).joined(separator: ", ")),
            ])
        }
        try printer.end()
    }

    private func printColumns(of source: Source) throws {
        var printer = RowPrinter(format: format, columns: ["column", "holds"])
        try printer.begin()
        for column in source.columns {
            try printer.print([.text(column.name), .text(column.kind.summary)])
        }
        try printer.end()
    }

    // MARK: Writing

    private func write(_ name: String, _ settings: Settings) throws {
        let asOf = try asOf?.day(in: settings.calendar, for: "--as-of")
        let definition = try ReportDefinition(named: name, in: settings.reports, parameters: try conditions())
        let formats = try selectedFormats() ?? definition.formats
        let database = try openDatabaseForReading(at: settings.database)
        // A language on the command line comes before the definition's; one in the settings does not.
        let language = options.language == nil ? definition.language ?? settings.language : settings.language
        try database.readPublished { results in
            let report = try Report(
                definition, from: results, language: language, minimumSamples: settings.minimumSamples)
            if let asOf, asOf != report.asOf { throw ReportError.otherDay(asked: asOf, published: report.asOf) }
            for file in try report.write(
                to: settings.output, formats: formats, csvByteOrderMark: settings.csvByteOrderMark)
            {
                try Terminal.show(
                    "\(file.url.relativePath): \(report.title), as of \(report.asOf), "
                        + "\(file.rows.grouped) of \(file.matchingRows.counted("row"))")
                if let warning = file.fontWarning { Log.logger.notice("\(warning)") }
            }
        }
    }

    private func conditions() throws -> [String: String] {
        var conditions: [String: String] = [:]
        for parameter in parameters {
            let parts = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw ValidationError("--set takes key=value, not '\(parameter)'.")
            }
            conditions[String(parts[0])] = String(parts[1])
        }
        return conditions
    }

    private func selectedFormats() throws -> [ReportFormat]? {
        guard let formats else { return nil }
        return try formats.split(separator: ",").map { name in
            guard let format = ReportFormat(rawValue: String(name)) else {
                let known = ReportFormat.allCases.map(\.rawValue)
                throw ValidationError("--formats has no '\(name)'; \(suggestion(for: String(name), among: known)).")
            }
            return format
        }
    }
}
