import ArgumentParser
import Domain
import Reports
import Store
import StoreSQLite

/// `avicenna results`
struct ResultsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "results", abstract: "Print the published results of a table.")

    @Argument(help: "effectiveness, trends, cohorts or predictions.", transform: Source.init(resultTable:))
    var table: Source

    @Option(help: "Only this level.")
    var level: String?

    @Option(help: "Only this window: 30, 90 or all.")
    var window: String?

    @Option(help: "How to print: table, csv or json.")
    var format: OutputFormat = .table

    @OptionGroup var options: SettingsOptions

    func validate() throws {
        for (name, value) in [("level", level), ("window", window)] {
            guard let value else { continue }
            guard let words = table.words(of: name) else {
                throw ValidationError("\(table.rawValue) has no \(name).")
            }
            guard words.contains(value) else {
                throw ValidationError("--\(name) has no '\(value)'; \(suggestion(for: value, among: words)).")
            }
        }
    }

    func run() throws {
        let settings = try options.load()
        let database = try openDatabaseForReading(at: settings.database)
        var filter = Filter()
        if let level { filter.accepted["level"] = [level] }
        if let window { filter.accepted["window"] = [window] }
        let columns = table.standardColumns
        try database.readPublished { results in
            let input = try ReportInput(results, sources: [table])
            var printer = RowPrinter(format: format, columns: columns)
            try printer.begin()
            try table.forEachRow(of: input, columns: columns, where: filter) { try printer.print($0) }
            try printer.end()
        }
    }
}

extension Source {
    /// The table of results with a name.
    fileprivate init(resultTable name: String) throws {
        guard let table = Self.resultTables.first(where: { $0.rawValue == name }) else {
            let known = Self.resultTables.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("'\(name)' is not a table of results; known: \(known)")
        }
        self = table
    }
}
