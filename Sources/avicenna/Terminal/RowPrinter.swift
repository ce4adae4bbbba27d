import Domain
import Reports

/// Prints rows in one of three forms; as data with nine decimals, as the definitions give them.
///
/// CSV is safe for spreadsheets, as the files of reports are; JSON has every text as it is, and is the form for programs.
struct RowPrinter {
    static let places = 9

    let format: OutputFormat
    let columns: [String]
    private var csv: CSVWriter
    private var table: TextTable
    private var isFirst = true

    init(format: OutputFormat, columns: [String]) {
        self.format = format
        self.columns = columns
        csv = CSVWriter(places: Self.places, lineEnd: .lf, guardsFormulas: true, write: Terminal.write)
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
            let members = Cell.jsonMembers(zip(columns, row).map { (name: $0, cell: $1) }, places: Self.places)
            try Terminal.write("\(isFirst ? "\n" : ",\n")  {\(members)}".visibleJSON)
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
