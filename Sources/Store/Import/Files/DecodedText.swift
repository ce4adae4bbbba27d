import Domain
import Foundation

/// The text of an input file as UTF-8, whatever encoding it is in.
///
/// Bytes that mean nothing in the encoding become 0xFF, which no UTF-8 has, so that whoever reads the field refuses it.
/// NUL and Ctrl-Z at the end of the file are left out. Reads block. Belongs to one thread at a time.
final class DecodedText {
    /// The encoding that the file is in.
    let encoding: TextEncoding
    /// NUL and Ctrl-Z characters that were left out at the end of the file.
    private(set) var paddingBytes = 0

    private static let invalid: UInt8 = 0xFF
    private static let chunk = 256 << 10
    /// What may be held back at the end of a piece: padding if the file ends there, else text.
    private static let mostPadding = 64 << 10

    private let file: InputFile
    private var converter: iconv_t?
    /// Encoded bytes that were read ahead are `raw[start..<end]`.
    private let raw = UnsafeMutableRawBufferPointer.allocate(byteCount: chunk, alignment: 16)
    private var start = 0
    private var end = 0
    private var isAtEnd = false
    private var held: [UInt8] = []

    /// Finds the encoding of a file.
    ///
    /// - Parameter encoding: the one that the user named; `nil` to detect it.
    /// - Throws: `ImportError.format` where it is not to be detected, or another one than the file says.
    init(_ file: InputFile, encoding: TextEncoding?) throws {
        self.file = file
        var head = 0
        while head < raw.count {
            let count = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: raw[head...]))
            if count == 0 { break }
            head += count
        }
        end = head
        let bytes = UnsafeRawBufferPointer(rebasing: raw[..<head])
        let marked = TextEncoding.marked(by: bytes)
        if let encoding, let marked, marked.unit != encoding.unit {
            throw ImportError.format(
                file: file.path, reason: "begins with the byte order mark of \(marked), but --encoding says \(encoding)"
            )
        }
        // Of the two orders of UTF-16, the mark knows which.
        let named = encoding.map { $0.unit > 1 ? marked ?? $0 : $0 }
        guard let found = named ?? TextEncoding.detected(in: bytes) else {
            throw ImportError.format(
                file: file.path,
                reason: """
                    is not UTF-8; a file of Excel on Persian or Arabic Windows often is Windows-1256: name it with \
                    --encoding windows-1256, or save the file as 'CSV UTF-8'
                    """)
        }
        self.encoding = found
        guard found != .utf8 else { return }
        let converter = iconv_open("UTF-8", found.name)
        guard converter != iconv_t(bitPattern: -1) else {
            throw ImportError.format(file: file.path, reason: "is \(found), which this machine cannot read")
        }
        self.converter = converter
    }

    deinit {
        if let converter { iconv_close(converter) }
        raw.deallocate()
    }

    /// Reads the next text.
    ///
    /// - Parameter buffer: has room for more than 64 KiB.
    /// - Returns: how many bytes; 0 at the end of the file.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        while true {
            buffer.copyBytes(from: held)
            let room = UnsafeMutableRawBufferPointer(rebasing: buffer[held.count...])
            let count = try converter == nil ? plain(into: room) : converted(into: room)
            guard count > 0 else {
                paddingBytes += held.count
                held = []
                return 0
            }
            var filled = held.count + count
            let text = buffer[..<filled].lastIndex { $0 != 0 && $0 != 0x1A }.map { $0 + 1 } ?? 0
            held = Array(buffer[text..<filled].prefix(Self.mostPadding))
            filled = text
            if filled > 0 { return filled }
        }
    }

    private func plain(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        guard start < end else { return try file.read(into: buffer) }
        let count = min(end - start, buffer.count)
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: raw[start..<start + count]))
        start += count
        return count
    }

    private func converted(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        var written = 0
        while written == 0 {
            if start == end || isShort { try readOn() }
            if start == end { return 0 }
            written = try convert(into: buffer)
        }
        return written
    }

    /// Whether what is left is less than a character; more is to be read before it is converted.
    private var isShort = false

    private func readOn() throws {
        if start > 0 {
            raw.copyMemory(from: UnsafeRawBufferPointer(rebasing: raw[start..<end]))
            end -= start
            start = 0
        }
        let count = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: raw[end...]))
        isAtEnd = count == 0
        end += count
    }

    /// Converts what was read ahead, as far as it goes.
    private func convert(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        isShort = false
        var source = raw.baseAddress.map { ($0 + start).assumingMemoryBound(to: CChar.self) }
        var sourceCount = end - start
        var target = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
        var targetCount = buffer.count - 1
        let result = iconv(converter, &source, &sourceCount, &target, &targetCount)
        start = end - sourceCount
        var written = buffer.count - 1 - targetCount
        guard result == -1 else { return written }
        switch errno {
        case E2BIG: break
        case EINVAL where !isAtEnd: isShort = true
        default:
            // Bytes that are no character, or one that the file breaks off in.
            buffer[written] = Self.invalid
            written += 1
            start = min(end, start + encoding.unit)
        }
        return written
    }
}
