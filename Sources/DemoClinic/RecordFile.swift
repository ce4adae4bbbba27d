import Configuration
import Domain
import Foundation

/// A CSV file that is written record by record without allocating for each.
final class RecordFile {
    private let file: OutputFile
    private var buffer: [UInt8] = []
    private var isAtStart = true

    init(_ path: String, header: String) throws {
        file = try OutputFile(at: URL(filePath: path), mode: 0o600)
        buffer.reserveCapacity(1 << 20 + 4096)
        buffer.append(contentsOf: header.utf8)
        buffer.append(UInt8(ascii: "\n"))
    }

    private func separate() {
        if isAtStart { isAtStart = false } else { buffer.append(UInt8(ascii: ",")) }
    }

    func field() { separate() }

    func field(_ number: Int) {
        separate()
        append(number, width: 1)
    }

    func field(_ text: String) {
        separate()
        let needsQuotes = text.utf8.contains { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") }
        buffer.append(contentsOf: (needsQuotes ? "\"\(text.replacing("\"", with: "\"\""))\"" : text).utf8)
    }

    /// Parts with `;` between them.
    func field(_ parts: [String]) {
        separate()
        for (index, part) in parts.enumerated() {
            if index > 0 { buffer.append(UInt8(ascii: ";")) }
            buffer.append(contentsOf: part.utf8)
        }
    }

    /// Hundredths as a decimal number.
    func field(hundredths: Int) {
        separate()
        append(hundredths / 100, width: 1)
        if hundredths % 100 > 0 {
            buffer.append(UInt8(ascii: "."))
            append(hundredths % 100, width: 2)
        }
    }

    /// An instant on the clocks of Iran.
    func field(_ instant: Instant) {
        separate()
        let local = instant.seconds + 12_600
        let (year, month, day) = Day(daysSinceEpoch: Int32(local / 86_400)).date
        let second = Int(local % 86_400)
        append(year, width: 4)
        append("-", month)
        append("-", day)
        append("T", second / 3600)
        append(":", second / 60 % 60)
        append(":", second % 60)
        buffer.append(contentsOf: "+03:30".utf8)
    }

    private func append(_ separator: Unicode.Scalar, _ number: Int) {
        buffer.append(UInt8(ascii: separator))
        append(number, width: 2)
    }

    private func append(_ number: Int, width: Int) {
        var digits = 1
        var power = 10
        while power <= number || digits < width {
            power *= 10
            digits += 1
        }
        while digits > 0 {
            power /= 10
            digits -= 1
            buffer.append(UInt8(ascii: "0") + UInt8(number / power % 10))
        }
    }

    func endRecord() throws {
        buffer.append(UInt8(ascii: "\n"))
        isAtStart = true
        if buffer.count >= 1 << 20 { try flush() }
    }

    deinit {
        file.discard()  // without effect once it is committed
    }

    /// Writes the rest and gives the file its name.
    func finish() throws {
        try flush()
        try file.commit()
    }

    private func flush() throws {
        try file.write(buffer)
        buffer.removeAll(keepingCapacity: true)
    }
}
