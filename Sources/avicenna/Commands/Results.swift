import ArgumentParser
import Domain
import Reports
import Store

/// `avicenna results`
struct ResultsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "results", abstract: "Print the published results of a table.")

    @Argument(help: "effectiveness, trends, cohorts or predictions.")
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
            guard let words = table.words(of: name), table.columns.contains(name) else {
                throw ValidationError("\(table.rawValue) has no \(name).")
            }
            guard words.contains(value) else {
                throw ValidationError("--\(name) has no '\(value)'; \(suggestion(for: value, among: words)).")
            }
        }
    }

    func run() throws {
        let settings = try options.load()
        let database = try openDatabase(at: settings.database)
        var filter = Filter()
        if let level { filter.accepted["level"] = [level] }
        if let window { filter.accepted["window"] = [window] }
        let columns = table.standardColumns
        try database.readPublished { results in
            guard try results.origins()[table.stage] != nil else { throw ReportError.notComputed(source: table) }
            var printer = RowPrinter(format: format, columns: columns)
            try printer.begin()
            try table.forEachRow(of: results, columns: columns, where: filter) { try printer.print($0) }
            try printer.end()
        }
    }
}

/// Prints rows in one of three forms, with nine decimals as the definitions give them.
private struct RowPrinter {
    private static let places = 9

    let format: OutputFormat
    let columns: [String]
    private var csv: CSVWriter
    private var table: TextTable
    private var isFirst = true

    init(format: OutputFormat, columns: [String]) {
        self.format = format
        self.columns = columns
        csv = CSVWriter(places: Self.places, lineEnd: .lf, guardsFormulas: false, write: Terminal.write)
        table = TextTable(header: columns)
    }

    mutating func begin() throws {
        switch format {
        case .csv: try csv.header(columns)
        case .json: try Terminal.write("[")
        case .table: break
        }
    }

    mutating func print(_ row: [Cell]) throws {
        switch format {
        case .csv: try csv.record(row)
        case .table: table.append(row.map { $0.plainText(places: 4) })
        case .json:
            let members = zip(columns, row).map { "\"\($0)\": \($1.json(places: Self.places))" }
            try Terminal.write("\(isFirst ? "\n" : ",\n")  {\(members.joined(separator: ", "))}")
            isFirst = false
        }
    }

    mutating func end() throws {
        switch format {
        case .csv: try csv.flush()
        case .table: try Terminal.write(table.text)
        case .json: try Terminal.write("\n]\n")
        }
    }
}
