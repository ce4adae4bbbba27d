import Domain

/// How the fields of a CSV file are separated.
enum CSVDialect {
    /// The separators that are detected.
    private static let candidates: [UInt8] = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")]

    /// The separator that a first line `sep=;` names, as spreadsheets write it, and the length of that line with its end.
    static func declared(in text: UnsafeRawBufferPointer) -> (separator: UInt8, length: Int)? {
        let isQuoted = text.first == UInt8(ascii: "\"")
        let body = isQuoted ? text.dropFirst() : text[...]
        guard body.count >= 5,
            zip(body, "sep=".utf8).allSatisfy({ $0 | 0x20 == $1 || $0 == $1 })
        else { return nil }
        let separator = body[body.startIndex + 4]
        var position = body.startIndex + 5
        if isQuoted {
            guard position < text.count, text[position] == UInt8(ascii: "\"") else { return nil }
            position += 1
        }
        guard isSeparator(separator), position == text.count || isLineEnd(text[position]) else { return nil }
        let isPair = position + 1 < text.count && text[position] == 0x0D && text[position + 1] == 0x0A
        return (separator, min(text.count, position + (isPair ? 2 : 1)))
    }

    /// The separator under which most of the expected columns are in the header; of several, the one with most fields.
    static func detected(in text: UnsafeRawBufferPointer, columns: [String]) -> UInt8 {
        let line = text.prefix { !isLineEnd($0) }
        let expected = Set(columns.map { ColumnName($0) })
        let scores = candidates.map { candidate -> (found: Int, fields: Int) in
            let names = line.split(separator: candidate, omittingEmptySubsequences: false).map { name in
                ColumnName(String(decoding: name.filter { $0 != UInt8(ascii: "\"") }, as: UTF8.self))
            }
            return (Set(names).intersection(expected).count, names.count)
        }
        var best = 0
        for index in scores.indices where scores[index] > scores[best] { best = index }
        return candidates[best]
    }

    /// Whether a byte may separate fields: any ASCII character that no field's text must have.
    static func isSeparator(_ byte: UInt8) -> Bool {
        byte < 0x80 && byte != UInt8(ascii: "\"") && !isLineEnd(byte) && byte != 0
            && !(0x30...0x39 ~= byte || 0x41...0x5A ~= byte || 0x61...0x7A ~= byte || byte == UInt8(ascii: "_"))
    }

    static func isLineEnd(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }

    /// A separator as messages name it.
    static func name(of separator: UInt8) -> String {
        separator == UInt8(ascii: "\t") ? "tab" : "'\(Unicode.Scalar(separator))'"
    }
}

/// The name of a column as it is compared: `Patient_ID`, `patient id` and `PATIENT-ID` are one.
struct ColumnName: Hashable {
    private let key: String

    init(_ name: String) {
        key = String(TextKey(name).text.map { $0 == " " || $0 == "-" ? "_" : $0 })
    }
}
