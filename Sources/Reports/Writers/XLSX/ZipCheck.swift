import CZlib
import Domain
import Foundation

/// Looks whether the parts of a workbook are whole.
///
/// libxlsxwriter gathers each part in a temporary file and does not see when that file cannot grow. Each part is XML, so a
/// whole one ends with the end tag of its first element. The rows of a sheet are copied from a file of their own, which is
/// let go of then, so that what follows them may find room again: they are whole where they are as many bytes as before.
enum ZipCheck {
    private static let localHeader: UInt32 = 0x0403_4B50
    private static let centralHeader: UInt32 = 0x0201_4B50
    private static let endOfCentral: UInt32 = 0x0605_4B50
    private static let end64OfCentral: UInt32 = 0x0606_4B50

    /// Whether each part of the file is whole.
    ///
    /// - Parameter rowBytes: how many bytes the rows of each sheet are, in order.
    static func isWhole(_ path: String, rowBytes: [Int]) -> Bool {
        guard let bytes = try? Data(contentsOf: URL(filePath: path), options: .alwaysMapped) else {
            return false  // what cannot be read is not whole
        }
        return bytes.withUnsafeBytes { bytes in
            guard let parts = parts(bytes), !parts.isEmpty else { return false }
            return parts.allSatisfy { part in
                let stored = UnsafeRawBufferPointer(rebasing: bytes[part.offset..<part.offset + part.size])
                guard let text = part.isDeflated ? inflated(stored) : PartText(whole: stored), text.isClosed else {
                    return false
                }
                guard let sheet = part.sheet else { return true }
                return rowBytes.indices.contains(sheet - 1) && text.rowBytes == rowBytes[sheet - 1]
            }
        }
    }

    private struct Part {
        let offset: Int
        let size: Int
        let isDeflated: Bool
        let name: String

        /// The number of the sheet that it is, from 1; `nil` for other parts.
        var sheet: Int? {
            name.firstMatch(of: /^xl\/worksheets\/sheet([0-9]+)\.xml$/).flatMap { Int($0.1) }
        }
    }

    private static func parts(_ bytes: UnsafeRawBufferPointer) -> [Part]? {
        guard bytes.count >= 22 else { return nil }
        /// A number of the file; -1 where that lies outside.
        func number<Number: FixedWidthInteger>(_ offset: Int, _ type: Number.Type) -> Int {
            guard offset >= 0, offset <= bytes.count - MemoryLayout<Number>.size else { return -1 }
            return Int(Number(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Number.self)))
        }
        // There is no comment, so that the end record is the last 22 bytes.
        let end = bytes.count - 22
        guard number(end, UInt32.self) == endOfCentral else { return nil }
        var count = number(end + 10, UInt16.self)
        var position = number(end + 16, UInt32.self)
        if position == 0xFFFF_FFFF || count == 0xFFFF {
            let record = number(end - 20 + 8, Int64.self)
            guard number(record, UInt32.self) == end64OfCentral else { return nil }
            count = number(record + 32, Int64.self)
            position = number(record + 48, Int64.self)
        }
        guard count >= 0 else { return nil }
        var parts: [Part] = []
        for _ in 0..<count {
            guard number(position, UInt32.self) == centralHeader, position <= bytes.count - 46 else { return nil }
            let nameLength = number(position + 28, UInt16.self)
            let extraLength = number(position + 30, UInt16.self)
            var size = number(position + 20, UInt32.self)
            var header = number(position + 42, UInt32.self)
            if size == 0xFFFF_FFFF || header == 0xFFFF_FFFF {
                // Zip64: sizes of 64 bits stand in the extra field, those that overflowed, in this order.
                var field = position + 46 + nameLength + 4
                if number(position + 24, UInt32.self) == 0xFFFF_FFFF { field += 8 }
                if size == 0xFFFF_FFFF {
                    size = number(field, Int64.self)
                    field += 8
                }
                if header == 0xFFFF_FFFF { header = number(field, Int64.self) }
            }
            guard number(header, UInt32.self) == localHeader else { return nil }
            let offset = header + 30 + number(header + 26, UInt16.self) + number(header + 28, UInt16.self)
            guard (0...bytes.count).contains(offset), (0...bytes.count - offset).contains(size) else { return nil }
            let name = bytes[(position + 46)..<min(position + 46 + nameLength, bytes.count)]
            parts.append(
                Part(
                    offset: offset, size: size, isDeflated: number(position + 10, UInt16.self) == Z_DEFLATED,
                    name: String(decoding: name, as: UTF8.self)))
            position += 46 + nameLength + extraLength + number(position + 32, UInt16.self)
        }
        return parts
    }

    /// The beginning and end of a part, and how long it is.
    private struct PartText {
        private static let length = 64 << 10

        private var head: [UInt8] = []
        private var tail: [UInt8] = []
        private var count = 0

        init(whole: UnsafeRawBufferPointer) { add(whole) }

        init() {}

        mutating func add(_ bytes: UnsafeRawBufferPointer) {
            count += bytes.count
            if head.count < Self.length { head.append(contentsOf: bytes.prefix(Self.length - head.count)) }
            tail.removeFirst(max(0, tail.count - max(0, Self.length - bytes.count)))
            tail.append(contentsOf: bytes.suffix(Self.length))
        }

        /// Whether it ends with the end tag of its first element.
        var isClosed: Bool {
            let start = String(decoding: head.prefix(1024), as: UTF8.self)
            let end = String(decoding: tail.suffix(1024), as: UTF8.self)
                .trimmingCharacters(in: .whitespacesAndNewlines)
            guard let element = start.firstMatch(of: /<([A-Za-z][A-Za-z0-9:]*)/)?.1 else { return false }
            let isOneTag = start.count { $0 == "<" } <= 2  // after the XML declaration
            return end.hasSuffix("</\(element)>") || isOneTag && end.hasSuffix("/>")
        }

        /// How many bytes stand between the tags around the rows of a sheet; `nil` where these are not there.
        var rowBytes: Int? {
            guard let start = Self.range(of: "<sheetData>", in: head)?.upperBound else {
                return Self.range(of: "<sheetData/>", in: head).map { _ in 0 }
            }
            guard let end = Self.range(of: "</sheetData>", in: tail)?.lowerBound else { return nil }
            return count - tail.count + end - start
        }

        private static func range(of tag: String, in bytes: [UInt8]) -> Range<Int>? {
            bytes.firstRange(of: Array(tag.utf8))
        }
    }

    private static func inflated(_ bytes: UnsafeRawBufferPointer) -> PartText? {
        var stream = z_stream()
        guard
            inflateInit2_(&stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
        else { return nil }
        defer { inflateEnd(&stream) }
        var text = PartText()
        var output = [UInt8](repeating: 0, count: 1 << 17)
        var rest = bytes
        var code = Z_OK
        while code == Z_OK {
            if stream.avail_in == 0 {
                guard let start = rest.baseAddress, !rest.isEmpty else { return nil }
                let count = min(rest.count, 1 << 30)
                stream.next_in = UnsafeMutablePointer(mutating: start.assumingMemoryBound(to: UInt8.self))
                stream.avail_in = UInt32(count)
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
            }
            output.withUnsafeMutableBytes { output in
                stream.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
                stream.avail_out = UInt32(output.count)
                code = inflate(&stream, Z_NO_FLUSH)
                text.add(UnsafeRawBufferPointer(rebasing: output[..<(output.count - Int(stream.avail_out))]))
            }
        }
        return code == Z_STREAM_END ? text : nil
    }
}
