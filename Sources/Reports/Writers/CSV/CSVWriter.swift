import Domain

/// Writes RFC 4180 records, with text that a spreadsheet would take for a formula made safe.
public struct CSVWriter {
    /// What ends a record: CRLF in files, LF on a terminal or in a pipe.
    public enum LineEnd: String, Sendable {
        /// As RFC 4180 has it.
        case crlf = "\r\n"
        /// As Unix tools expect it.
        case lf = "\n"
    }

    /// Decimals of measures.
    private let places: Int
    private let lineEnd: LineEnd
    private let guardsFormulas: Bool
    private let write: (String) throws -> Void
    private var pending = ""

    /// A writer that hands what it has gathered to `write`, 64 KiB at a time.
    ///
    /// - Parameter guardsFormulas: whether text that begins like a formula gets an apostrophe in front.
    public init(
        places: Int, lineEnd: LineEnd, guardsFormulas: Bool, write: @escaping (String) throws -> Void
    ) {
        self.places = places
        self.lineEnd = lineEnd
        self.guardsFormulas = guardsFormulas
        self.write = write
    }

    /// Writes a record of texts.
    public mutating func header(_ names: [String]) throws {
        try record(names.map { .text($0) })
    }

    /// Writes a record.
    public mutating func record(_ cells: [Cell]) throws {
        for (index, cell) in cells.enumerated() {
            if index > 0 { pending.append(",") }
            let text = cell.plainText(places: places)
            switch cell {
            case .text, .joined: pending.append(quoted(text))
            default: pending.append(text)
            }
        }
        pending.append(lineEnd.rawValue)
        if pending.utf8.count > 1 << 16 { try flush() }
    }

    /// Hands over what is left.
    public mutating func flush() throws {
        try write(pending)
        pending = ""
    }

    private func quoted(_ text: String) -> String {
        let safe = guardsFormulas ? text.withFormulaGuard : text
        let needsQuotes = safe.utf8.contains { byte in
            byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\n")
                || byte == UInt8(ascii: "\r")
        }
        return needsQuotes ? "\"\(safe.replacing("\"", with: "\"\""))\"" : safe
    }
}
