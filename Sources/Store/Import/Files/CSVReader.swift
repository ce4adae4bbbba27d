import Domain
import Foundation

/// Reads a CSV file record by record, in memory that does not grow with the file.
///
/// RFC 4180 with any separator, encoding and line end. Blank lines and rows of separators alone are skipped. A record that
/// breaks the rules is reported, and reading goes on behind it: never inside a quoted field, where text may look like rows.
/// Reads block. Belongs to one thread at a time.
final class CSVReader {
    /// The longest record, in bytes of UTF-8.
    static let longestRecord = 64 << 10
    private static let chunk = 1 << 20
    /// The least room that is filled at once.
    private static let leastRoom = 256 << 10

    /// The file as the user named it.
    var path: String { file.path }
    /// Bytes in the file.
    var size: Int { file.size }
    /// Bytes of the file read so far.
    var bytesRead: Int { file.bytesRead }
    /// The encoding that its text is in.
    var encoding: TextEncoding { text.encoding }
    /// What separates fields; a comma until it is detected.
    private(set) var separator = comma
    /// Rows of separators alone, which were skipped.
    private(set) var emptyRows = 0

    private let file: InputFile
    private let text: DecodedText
    private let memory: UnsafeMutableRawPointer
    private let buffer: UnsafeMutableRawBufferPointer
    /// Unread bytes are `buffer[start..<end]`.
    private var start = 0
    private var end = 0
    private var isAtEnd = false
    private var line = 1
    private var isSeparatorKnown: Bool
    /// Unquoted fields are in `buffer`; quoted ones are unescaped in place, so that both are ranges of it.
    private var fields: [Range<Int>] = []
    /// Which bytes end an unquoted run: separator, quote, line ends.
    private var isSpecial = [Bool](repeating: false, count: 256)

    /// Opens a file.
    ///
    /// - Parameters:
    ///   - encoding: the encoding that the user named; `nil` to detect it.
    ///   - separator: what separates fields; `nil` to detect it.
    /// - Throws: `MissingFile` where it cannot be read; `ImportError.format` where it is not text.
    init(path: String, encoding: TextEncoding? = nil, separator: UInt8? = nil) throws {
        file = try InputFile(path: path)
        text = try DecodedText(file, encoding: encoding)
        isSeparatorKnown = separator != nil
        let capacity = Self.chunk + Self.longestRecord + Self.leastRoom
        memory = .allocate(byteCount: capacity, alignment: 16)
        buffer = UnsafeMutableRawBufferPointer(start: memory, count: capacity)
        // From here on all is set, so that an error leaves the cleaning up to deinit.
        use(separator ?? Self.comma)
        try fill()
        skipByteOrderMarks()
        if let declared = CSVDialect.declared(in: UnsafeRawBufferPointer(rebasing: buffer[start..<end])) {
            start += declared.length
            line += 1
            if !isSeparatorKnown { use(declared.separator) }
            isSeparatorKnown = true
            skipByteOrderMarks()
        }
    }

    deinit {
        memory.deallocate()
    }

    /// Finds what separates fields by the columns that the header should have, where nobody said it.
    func detectSeparator(columns: [String]) {
        guard !isSeparatorKnown else { return }
        isSeparatorKnown = true
        let header = buffer[start..<end].drop { CSVDialect.isLineEnd($0) }
        use(CSVDialect.detected(in: UnsafeRawBufferPointer(rebasing: header), columns: columns))
    }

    /// NUL and Ctrl-Z characters that were left out at the end of the file.
    var paddingBytes: Int { text.paddingBytes }

    private func use(_ separator: UInt8) {
        isSpecial[Int(self.separator)] = false
        self.separator = separator
        for byte in [separator, Self.quote, Self.newline, Self.carriageReturn] { isSpecial[Int(byte)] = true }
    }

    private func skipByteOrderMarks() {
        while buffer[start..<end].starts(with: [0xEF, 0xBB, 0xBF]) { start += 3 }
    }

    /// The next record, or what is in its place; `nil` at the end of the file.
    ///
    /// - Throws: `ImportError.format` where a quote is never closed, since nothing behind it can be read.
    func next() throws -> Event? {
        while true {
            guard try hasBytes() else { return nil }
            switch parse() {
            case .record(let next, let lines):
                let isBlank = isBlank(next)
                let record = Record(line: line, fields: fields, bytes: UnsafeRawBufferPointer(buffer))
                start = next
                line += lines
                if isBlank { continue }
                return .record(record)
            case .incomplete:
                try fill()
            case .malformed(let reason):
                let first = line
                try skipRecord()
                return .malformed(line: first, reason: reason)
            }
        }
    }

    /// Whether the record that ends before `next` is a blank line, or has separators and spaces alone.
    private func isBlank(_ next: Int) -> Bool {
        guard fields.allSatisfy({ $0.isEmpty || $0.count < 16 && buffer[$0].allSatisfy { $0 == 0x20 } }) else {
            return false
        }
        guard !buffer[start..<next].contains(Self.quote) else { return false }
        if fields.count > 1 { emptyRows += 1 }
        return true
    }

    // MARK: Parsing

    private static let quote = UInt8(ascii: "\"")
    private static let comma = UInt8(ascii: ",")
    private static let newline = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    private enum Parsed {
        /// The record ends before `next` and spans `lines` lines.
        case record(next: Int, lines: Int)
        /// More bytes are needed.
        case incomplete
        case malformed(String)
    }

    /// Parses the record at `start`. Nothing in the buffer is changed unless the record is whole.
    private func parse() -> Parsed {
        fields.removeAll(keepingCapacity: true)
        var position = start
        var lines = 0
        var hasEscapes = false
        while true {
            if position < end, buffer[position] == Self.quote {
                guard let closing = closingQuote(from: position + 1, lines: &lines, hasEscapes: &hasEscapes) else {
                    return unfinished(Self.unclosed)
                }
                fields.append(position + 1..<closing)
                position = closing + 1
                // What follows a closing quote may be in the next chunk.
                if position == end, !isAtEnd { return unfinished(Self.tooLong) }
            } else {
                let first = position
                isSpecial.withUnsafeBufferPointer { isSpecial in
                    while position < end, !isSpecial[Int(buffer[position])] { position += 1 }
                }
                if position == end, !isAtEnd { return unfinished(Self.tooLong) }
                if position < end, buffer[position] == Self.quote {
                    return .malformed("a quote is inside a field that does not begin with one")
                }
                fields.append(first..<position)
            }
            if position == end || CSVDialect.isLineEnd(buffer[position]) {
                // Whether a newline belongs to a carriage return may be for the next chunk to say.
                if position + 1 == end, buffer[position] == Self.carriageReturn, !isAtEnd {
                    return unfinished(Self.tooLong)
                }
                if position - start > Self.longestRecord { return .malformed(Self.tooLong) }
                if hasEscapes { unescape() }
                return .record(next: min(position + lineEnd(at: position), end), lines: lines + 1)
            }
            guard buffer[position] == separator else { return .malformed("something follows a closing quote") }
            position += 1
        }
    }

    /// How many bytes end a line at a position.
    private func lineEnd(at position: Int) -> Int {
        position + 1 < end && buffer[position] == Self.carriageReturn && buffer[position + 1] == Self.newline ? 2 : 1
    }

    private static let unclosed = "a quote is opened and never closed"
    private static let tooLong = "the record is longer than \(longestRecord / 1024) KiB"

    private func unfinished(_ reason: String) -> Parsed {
        if !isAtEnd && end - start <= Self.longestRecord { return .incomplete }
        return .malformed(isAtEnd && end - start <= Self.longestRecord ? reason : Self.tooLong)
    }

    /// The position of the quote that closes a field.
    private func closingQuote(from first: Int, lines: inout Int, hasEscapes: inout Bool) -> Int? {
        var position = first
        let limit = min(end, start + Self.longestRecord + 1)
        while position < limit {
            let byte = buffer[position]
            if byte == Self.quote {
                guard position + 1 < end, buffer[position + 1] == Self.quote else { return position }
                hasEscapes = true
                position += 1
            } else if byte == Self.newline
                || byte == Self.carriageReturn && (position + 1 == end || buffer[position + 1] != Self.newline)
            {
                lines += 1
            }
            position += 1
        }
        return nil
    }

    /// Turns `""` into `"` inside quoted fields.
    private func unescape() {
        for (index, field) in fields.enumerated()
        where field.lowerBound > 0 && buffer[field.lowerBound - 1] == Self.quote {
            var target = field.lowerBound
            var source = field.lowerBound
            while source < field.upperBound {
                buffer[target] = buffer[source]
                source += buffer[source] == Self.quote ? 2 : 1
                target += 1
            }
            fields[index] = field.lowerBound..<target
        }
    }

    // MARK: Recovery

    /// Where in a record a byte is.
    private enum Place {
        case fieldStart
        case unquoted
        case quoted
        /// Behind a quote that closes a field, or begins an escaped one.
        case afterQuote
        /// Behind a closing quote that something follows; the next quote opens again.
        case afterBreak
    }

    /// Goes on behind the end of the record at `start`, however long it is.
    ///
    /// - Throws: `ImportError.format` where it has no end.
    private func skipRecord() throws {
        let first = line
        var place = Place.fieldStart
        while try hasBytes() {
            // A carriage return and its newline are looked at together.
            if start + 1 == end, buffer[start] == Self.carriageReturn, !isAtEnd { try fill() }
            let byte = buffer[start]
            let isLineEnd = CSVDialect.isLineEnd(byte)
            start += isLineEnd ? lineEnd(at: start) : 1
            if isLineEnd { line += 1 }
            switch place {
            case .quoted: if byte == Self.quote { place = .afterQuote }
            case _ where isLineEnd: return
            case _ where byte == separator: place = .fieldStart
            case .fieldStart, .afterQuote, .afterBreak:
                let opens = byte == Self.quote
                place = opens ? .quoted : place == .fieldStart ? .unquoted : .afterBreak
            case .unquoted: break
            }
        }
        guard place != .quoted else {
            throw ImportError.format(
                file: path, line: first,
                reason: "\(Self.unclosed), so that nothing behind it can be read; close it where the field ends")
        }
    }

    // MARK: Reading

    private func hasBytes() throws -> Bool {
        if start == end, !isAtEnd { try fill() }
        return start < end
    }

    /// Moves what is unread to the front and reads on behind it.
    private func fill() throws {
        if start > 0 {
            memory.copyMemory(from: memory + start, byteCount: end - start)
            end -= start
            start = 0
        }
        while buffer.count - end >= Self.leastRoom {
            let count = try text.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[end...]))
            if count == 0 {
                isAtEnd = true
                return
            }
            end += count
        }
    }
}
