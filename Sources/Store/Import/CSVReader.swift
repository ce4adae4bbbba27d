import Domain
import Foundation

/// Reads an RFC 4180 file record by record, in memory that does not grow with the file.
///
/// UTF-8 with or without BOM, LF or CRLF. Blank lines are skipped. A record that breaks the rules is told as such, and
/// reading goes on after its first line.
final class CSVReader {
    /// The longest record, in bytes.
    static let longestRecord = 64 << 10
    private static let chunk = 1 << 20

    /// One record; its fields are valid until the next one is read.
    struct Record {
        /// Line on which it starts, from 1.
        var line: Int
        /// Which record of the file it is, from 1: the header is the first. One that is malformed counts as well.
        var ordinal: Int
        fileprivate var fields: [Range<Int>]
        fileprivate var bytes: UnsafeRawBufferPointer

        var count: Int { fields.count }

        subscript(field: Int) -> UnsafeRawBufferPointer {
            UnsafeRawBufferPointer(rebasing: bytes[fields[field]])
        }
    }

    enum Event {
        case record(Record)
        /// What stands at `line` is no record.
        case malformed(line: Int, reason: String)
    }

    /// The file as the user named it.
    let path: String
    /// Bytes in the file.
    let size: Int
    /// Bytes read so far.
    private(set) var bytesRead = 0

    private let descriptor: Int32
    private let memory: UnsafeMutableRawPointer
    private let buffer: UnsafeMutableRawBufferPointer
    /// Unread bytes are `buffer[start..<end]`.
    private var start = 0
    private var end = 0
    private var isAtEnd = false
    private var line = 1
    private var ordinal = 0
    /// Unquoted fields stand in `buffer`; quoted ones are unescaped in place, so that both are ranges of it.
    private var fields: [Range<Int>] = []

    /// Opens a file.
    ///
    /// - Throws: `MissingFile` where it cannot be read.
    init(path: String) throws {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw MissingFile(path: path, reason: "cannot be read: \(systemError)")
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else {
            close(descriptor)
            throw MissingFile(path: path, reason: "is a folder, but a CSV file is needed")
        }
        size = Int(status.st_size)
        let capacity = Self.chunk + Self.longestRecord
        memory = .allocate(byteCount: capacity, alignment: 16)
        buffer = UnsafeMutableRawBufferPointer(start: memory, count: capacity)
        // From here on all is set, so that an error leaves the cleaning up to deinit.
        try fill()
        if end >= 3, buffer[0] == 0xEF, buffer[1] == 0xBB, buffer[2] == 0xBF { start = 3 }
    }

    deinit {
        close(descriptor)
        memory.deallocate()
    }

    /// The next record, or what stands in its place; `nil` at the end of the file.
    func next() throws -> Event? {
        while true {
            guard try hasBytes() else { return nil }
            switch parse() {
            case .record(let next, let lines):
                let record = Record(
                    line: line, ordinal: ordinal + 1, fields: fields, bytes: UnsafeRawBufferPointer(buffer))
                let isBlank = fields.count == 1 && fields[0].isEmpty && next - start <= 2 && buffer[start] != Self.quote
                start = next
                line += lines
                if isBlank { continue }
                ordinal += 1
                return .record(record)
            case .incomplete:
                try fill()
            case .malformed(let reason):
                let at = line
                ordinal += 1
                try skipLine()
                return .malformed(line: at, reason: reason)
            }
        }
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
                    return unfinished("a quote is opened and never closed")
                }
                fields.append(position + 1..<closing)
                position = closing + 1
                // What follows a closing quote may lie in the next chunk.
                if position == end, !isAtEnd { return unfinished(Self.tooLong) }
                if position < end, buffer[position] == Self.carriageReturn, position + 1 == end, !isAtEnd {
                    return unfinished(Self.tooLong)
                }
            } else {
                let first = position
                while position < end, case let byte = buffer[position], byte != Self.comma, byte != Self.newline {
                    if byte == Self.quote { return .malformed("a quote stands inside an unquoted field") }
                    position += 1
                }
                if position == end, !isAtEnd { return unfinished(Self.tooLong) }
                var last = position
                let endsLine = position == end || buffer[position] == Self.newline
                if endsLine, last > first, buffer[last - 1] == Self.carriageReturn { last -= 1 }
                fields.append(first..<last)
            }
            if position < end, buffer[position] == Self.carriageReturn,
                position + 1 == end || buffer[position + 1] == Self.newline
            {
                position += 1
            }
            if position == end || buffer[position] == Self.newline {
                if position - start > Self.longestRecord { return .malformed(Self.tooLong) }
                if hasEscapes { unescape() }
                return .record(next: min(position + 1, end), lines: lines + 1)
            }
            guard buffer[position] == Self.comma else {
                return .malformed("something follows a closing quote")
            }
            position += 1
        }
    }

    private static let tooLong = "the record is longer than \(longestRecord / 1024) KiB"

    private func unfinished(_ reason: String) -> Parsed {
        !isAtEnd && end - start <= Self.longestRecord ? .incomplete : .malformed(reason)
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
            } else if byte == Self.newline {
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
        while end < buffer.count {
            let count = read(descriptor, memory + end, buffer.count - end)
            if count < 0 {
                if errno == EINTR { continue }
                throw MissingFile(path: path, reason: "cannot be read: \(systemError)")
            }
            if count == 0 {
                isAtEnd = true
                return
            }
            end += count
            bytesRead += count
        }
    }

    /// Goes on behind the next line end, however far it is.
    private func skipLine() throws {
        while true {
            while start < end {
                start += 1
                if buffer[start - 1] == Self.newline {
                    line += 1
                    return
                }
            }
            if isAtEnd { return }
            try fill()
        }
    }
}
