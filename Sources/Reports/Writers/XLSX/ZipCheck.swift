import CZip
import Foundation

/// Checks whether the parts of a workbook are complete.
///
/// libxlsxwriter collects each part in a temporary file and does not notice when that file cannot grow. The archive that it
/// then writes is consistent, so that libzip finds no fault in it either. Each part is XML, so a complete one ends with the
/// end tag of its root element. The rows of a sheet are copied from a temporary file of their own, which is then deleted, so
/// that what follows them may find room again: they are complete if they have as many bytes as before.
enum ZipCheck {
    /// Whether the archive is consistent and each of its parts is complete. Blocks while it reads the file.
    ///
    /// - Parameter rowBytes: the number of bytes of the rows of each sheet, in order.
    static func isWhole(_ path: String, rowBytes: [Int]) -> Bool {
        guard let archive = zip_open(path, ZIP_CHECKCONS | ZIP_RDONLY, nil) else { return false }
        defer { zip_discard(archive) }
        let count = zip_get_num_entries(archive, 0)
        guard count > 0 else { return false }
        return (0..<UInt64(count)).allSatisfy { index in
            guard let name = zip_get_name(archive, index, 0), let text = PartText(of: archive, index), text.isClosed
            else { return false }
            guard let sheet = sheetNumber(ofPart: String(cString: name)) else { return true }
            return rowBytes.indices.contains(sheet - 1) && text.rowBytes == rowBytes[sheet - 1]
        }
    }

    /// The number of a sheet, from 1; `nil` for other parts.
    private static func sheetNumber(ofPart name: String) -> Int? {
        name.firstMatch(of: /^xl\/worksheets\/sheet([0-9]+)\.xml$/).flatMap { Int($0.1) }
    }

    /// The beginning and the end of a part, and its number of bytes.
    private struct PartText {
        private static let length = 64 << 10

        private var head: [UInt8] = []
        private var tail: [UInt8] = []
        private var count = 0

        /// Reads a part to its end; `nil` if it cannot be decompressed or its checksum is wrong.
        init?(of archive: OpaquePointer, _ index: UInt64) {
            guard let part = zip_fopen_index(archive, index, 0) else { return nil }
            defer { zip_fclose(part) }
            var buffer = [UInt8](repeating: 0, count: 1 << 17)
            while true {
                let count = buffer.withUnsafeMutableBytes { zip_fread(part, $0.baseAddress, UInt64($0.count)) }
                guard count >= 0 else { return nil }
                if count == 0 { return }
                buffer.withUnsafeBytes { add(UnsafeRawBufferPointer(rebasing: $0[..<Int(count)])) }
            }
        }

        private mutating func add(_ bytes: UnsafeRawBufferPointer) {
            count += bytes.count
            if head.count < Self.length { head.append(contentsOf: bytes.prefix(Self.length - head.count)) }
            tail.removeFirst(max(0, tail.count - max(0, Self.length - bytes.count)))
            tail.append(contentsOf: bytes.suffix(Self.length))
        }

        /// Whether it ends with the end tag of its root element.
        var isClosed: Bool {
            let start = String(decoding: head.prefix(1024), as: UTF8.self)
            let end = String(decoding: tail.suffix(1024), as: UTF8.self)
                .trimmingCharacters(in: .whitespacesAndNewlines)
            guard let element = start.firstMatch(of: /<([A-Za-z][A-Za-z0-9:]*)/)?.1 else { return false }
            let isOneTag = start.count { $0 == "<" } <= 2  // after the XML declaration
            return end.hasSuffix("</\(element)>") || isOneTag && end.hasSuffix("/>")
        }

        /// The number of bytes between the tags around the rows of a sheet; `nil` without these tags.
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
}
