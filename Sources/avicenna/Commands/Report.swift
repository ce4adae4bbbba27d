import ArgumentParser
import Domain
import Foundation
import Reports
import Store

/// `avicenna report`
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Write a report from the published results.")

    @Argument(help: "Name of the report.")
    var name: String

    @Option(help: "The day that the results must be of. (default: whatever was published)")
    var asOf: Day?

    @Option(help: ArgumentHelp("Formats instead of the definition's, with commas between.", valueName: "csv,…"))
    var formats: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "A condition that replaces the definition's, such as level=treatment or limit=10.", valueName: "key=value"))
    var parameters: [String] = []

    @OptionGroup var options: SettingsOptions

    func run() throws {
        let settings = try options.load()
        let definition = try ReportDefinition(named: name, in: settings.reports, parameters: try conditions())
        let formats = try selectedFormats() ?? definition.formats
        let database = try openDatabase(at: settings.database)
        let report = try database.readPublished {
            try Report(definition, from: $0, minimumSamples: settings.minimumSamples)
        }
        if let asOf, asOf != report.asOf { throw ReportError.otherDay(asked: asOf, published: report.asOf) }
        let language = definition.language ?? settings.language
        for file in try report.write(to: settings.output, formats: formats) {
            try Terminal.write(
                "\(file.url.relativePath): \(definition.title(in: language)), as of \(report.asOf), "
                    + "\(file.rows.grouped) of \(file.matchingRows.grouped) rows\n")
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
