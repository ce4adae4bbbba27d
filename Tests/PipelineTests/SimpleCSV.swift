/// A plain CSV reader for expected results: slow, short, and independent of the code under test.
struct SimpleCSV {
    let columns: [String]
    /// Rows by their key columns.
    let rows: [[String]: [String]]

    init(_ text: String, key: [String]) throws {
        let records = Self.records(text)
        let columns = records[0]
        let places = key.compactMap { columns.firstIndex(of: $0) }
        self.columns = columns
        rows = Dictionary(records.dropFirst().map { record in (places.map { record[$0] }, record) }) { $1 }
    }

    static func records(_ text: String) -> [[String]] {
        var records: [[String]] = []
        var record: [String] = []
        var field = ""
        var isQuoted = false
        var wasQuote = false
        for scalar in text.unicodeScalars where scalar != "\r" || isQuoted {
            if isQuoted, !wasQuote, scalar == "\"" {
                wasQuote = true
                continue
            }
            if wasQuote, scalar != "\"" { isQuoted = false }
            switch scalar {
            case "\"" where !isQuoted: isQuoted = true
            case "," where !isQuoted:
                record.append(field)
                field = ""
            case "\n" where !isQuoted:
                records.append(record + [field])
                (record, field) = ([], "")
            default: field.unicodeScalars.append(scalar)
            }
            wasQuote = false
        }
        return records
    }

    static func line(_ record: [String]) -> String {
        record.map { "\"\($0.replacing("\"", with: "\"\""))\"" }.joined(separator: ",")
    }
}
