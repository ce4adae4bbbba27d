import Domain

/// Columns of text, aligned for a terminal; each cell as `visible`.
struct TextTable {
    private var rows: [[String]]

    init(header: [String]) {
        rows = [header]
    }

    mutating func append(_ row: [String]) {
        rows.append(row.map(\.visible))
    }

    /// The table with a blank between columns; numbers stand to the right.
    var text: String {
        let columns = rows[0].indices
        let widths = columns.map { column in rows.map { $0[column].count }.max() ?? 0 }
        let isNumeric = columns.map { column in
            rows.dropFirst().allSatisfy { $0[column].isEmpty || Double($0[column]) != nil }
        }
        return rows.map { row in
            let line = columns.map { column in
                let gap = String(repeating: " ", count: widths[column] - row[column].count)
                return isNumeric[column] ? gap + row[column] : row[column] + gap
            }.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed()) + "\n"
        }.joined()
    }
}
