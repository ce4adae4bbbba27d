import Configuration
import Domain
import Foundation

/// The rows of a section, packed into bytes; what passes a few mebibytes goes to a file without a name, so that memory
/// does not grow with the rows but for eight bytes each.
final class RowBuffer {
    /// Bytes that are kept in memory.
    private static let mostInMemory = 4 << 20

    /// How many rows there are.
    var count: Int { offsets.count }

    private var offsets: [Int] = []
    private var pending: [UInt8] = []
    /// Bytes that went to the file.
    private var spilled = 0
    private var file: SpillFile?

    /// Adds a row.
    func append(_ cells: [Cell]) throws {
        offsets.append(spilled + pending.count)
        for cell in cells { pack(cell) }
        if pending.count >= Self.mostInMemory { try spill() }
    }

    private func spill() throws {
        if file == nil { file = try SpillFile() }
        try file?.append(pending)
        spilled += pending.count
        pending.removeAll(keepingCapacity: true)
    }

    /// Ends the adding of rows, and puts them into the order of some of their cells; equal ones keep theirs.
    ///
    /// - Parameter keys: positions of cells, the most important first, and whether the greatest comes first.
    func finish(width: Int, sortedBy keys: [(position: Int, isDescending: Bool)]) throws {
        if file != nil {
            try spill()
            try file?.map()
        }
        self.width = width
        guard !keys.isEmpty, !isSorted(by: keys) else { return }
        var cells: [Cell] = []
        cells.reserveCapacity(count * keys.count)
        forEach { row in
            for key in keys { cells.append(row[key.position]) }
        }
        let order = offsets.indices.sorted { left, right in
            for (place, key) in keys.enumerated() {
                let (first, second) = (cells[left * keys.count + place], cells[right * keys.count + place])
                if let precedes = first.precedes(second, descending: key.isDescending) { return precedes }
            }
            return left < right
        }
        offsets = order.map { offsets[$0] }
    }

    /// Whether the rows came in order, as many sources give them; then there is nothing to hold for sorting.
    private func isSorted(by keys: [(position: Int, isDescending: Bool)]) -> Bool {
        var last: [Cell] = []
        for offset in offsets {
            let row = row(at: offset)
            if !last.isEmpty {
                let precedes = keys.lazy.compactMap { key in
                    row[key.position].precedes(last[key.position], descending: key.isDescending)
                }.first
                if precedes == true { return false }
            }
            last = row
        }
        return true
    }

    /// Cells of each row.
    private var width = 0

    /// Calls `body` with the rows in order, at most `limit`.
    func forEach(limit: Int = .max, _ body: ([Cell]) throws -> Void) rethrows {
        for (position, offset) in offsets.prefix(limit).enumerated() {
            if position & 0xFFFF == 0xFFFF { file?.release() }
            try body(row(at: offset))
        }
    }

    private func row(at offset: Int) -> [Cell] {
        if let bytes = file?.bytes {
            return Self.unpack(bytes, at: offset, count: width)
        }
        return pending.withUnsafeBytes { Self.unpack($0, at: offset, count: width) }
    }

    // MARK: Bytes

    private enum Tag: UInt8 {
        case empty, text, joined, integer, decimal, no, yes, interval, trend, significantTrend, day, month
    }

    private func pack(_ cell: Cell) {
        switch cell {
        case .empty: put(.empty)
        case .text(let text):
            put(.text)
            put(text)
        case .joined(let mizaj, let names):
            put(.joined)
            put(UInt8(mizaj.map { $0.ordinal + 1 } ?? 0))
            put(UInt8(names.count))
            for name in names { put(name) }
        case .integer(let number):
            put(.integer)
            put(number)
        case .decimal(let number):
            put(.decimal)
            put(number.bitPattern)
        case .boolean(let value): put(value ? .yes : .no)
        case .interval(let ends):
            put(.interval)
            put(ends.lowerBound.bitPattern)
            put(ends.upperBound.bitPattern)
        case .trend(let direction, let isSignificant):
            put(isSignificant ? .significantTrend : .trend)
            put(UInt8(Direction.allCases.firstIndex(of: direction) ?? 0))
        case .day(let day):
            put(.day)
            put(day.daysSinceEpoch)
        case .month(let month):
            put(.month)
            put(month.calendar.rawValue)
            put(Int32(month.year))
            put(UInt8(month.number))
        }
    }

    private func put(_ tag: Tag) { pending.append(tag.rawValue) }

    private func put(_ text: String) {
        put(UInt32(text.utf8.count))
        pending.append(contentsOf: text.utf8)
    }

    private func put(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number) { pending.append(contentsOf: $0) }
    }

    private static func unpack(_ bytes: UnsafeRawBufferPointer, at offset: Int, count: Int) -> [Cell] {
        var reader = Reader(bytes: bytes, position: offset)
        return (0..<count).map { _ in reader.cell() }
    }

    private struct Reader {
        let bytes: UnsafeRawBufferPointer
        var position: Int

        mutating func take<Number: FixedWidthInteger>(_ type: Number.Type = Number.self) -> Number {
            defer { position += MemoryLayout<Number>.size }
            return bytes.loadUnaligned(fromByteOffset: position, as: Number.self)
        }

        private mutating func double() -> Double { Double(bitPattern: take()) }

        private mutating func text() -> String {
            let count = Int(take(UInt32.self))
            defer { position += count }
            return String(
                decoding: UnsafeRawBufferPointer(rebasing: bytes[position..<position + count]), as: UTF8.self)
        }

        mutating func cell() -> Cell {
            switch Tag(rawValue: take()) ?? .empty {
            case .empty: return .empty
            case .text: return .text(text())
            case .joined:
                let mizaj = Int(take(UInt8.self))
                let names = (0..<take(UInt8.self)).map { _ in text() }
                return .joined(mizaj: mizaj == 0 ? nil : Mizaj.allCases[mizaj - 1], names: names)
            case .integer: return .integer(take())
            case .decimal: return .decimal(double())
            case .no: return .boolean(false)
            case .yes: return .boolean(true)
            case .interval:
                let low = double()
                return .interval(low...double())
            case .trend: return .trend(Direction.allCases[Int(take(UInt8.self))], isSignificant: false)
            case .significantTrend: return .trend(Direction.allCases[Int(take(UInt8.self))], isSignificant: true)
            case .day: return .day(Day(daysSinceEpoch: take()))
            case .month:
                let calendar = ReportCalendar(rawValue: take()) ?? .gregorian
                let year = Int(take(Int32.self))
                return .month(Month(calendar: calendar, year: year, number: Int(take(UInt8.self))))
            }
        }
    }
}

/// A file for what does not fit into memory: it has no name, so that nothing of it is left whatever happens.
private final class SpillFile {
    private let file: FileWriter
    private(set) var bytes: UnsafeRawBufferPointer?

    init() throws {
        file = try FileWriter(unnamedIn: FileManager.default.temporaryDirectory.path)
    }

    deinit {
        if let bytes, let start = UnsafeMutableRawPointer(mutating: bytes.baseAddress) { munmap(start, bytes.count) }
    }

    func append(_ bytes: [UInt8]) throws { try file.write(bytes) }

    /// Lets go of the memory of what was read; it is read again where it is needed.
    func release() {
        if let bytes { madvise(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count, MADV_DONTNEED) }
    }

    /// Makes all of it readable.
    func map() throws { bytes = try file.mapped() }
}
