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
    private var pending = ByteWriter()
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
        try file?.append(pending.bytes)
        spilled += pending.count
        pending.removeAll()
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
        return pending.bytes.withUnsafeBytes { Self.unpack($0, at: offset, count: width) }
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
            pending.append(text)
        case .joined(let mizaj, let names):
            put(.joined)
            pending.append(UInt8(mizaj.map { $0.ordinal + 1 } ?? 0))
            pending.append(UInt8(names.count))
            for name in names { pending.append(name) }
        case .integer(let number):
            put(.integer)
            pending.append(difference: number)
        case .decimal(let number):
            put(.decimal)
            pending.append(number)
        case .boolean(let value): put(value ? .yes : .no)
        case .interval(let ends):
            put(.interval)
            pending.append(ends.lowerBound)
            pending.append(ends.upperBound)
        case .trend(let direction, let isSignificant):
            put(isSignificant ? .significantTrend : .trend)
            pending.append(UInt8(Direction.allCases.firstIndex(of: direction) ?? 0))
        case .day(let day):
            put(.day)
            pending.append(difference: Int64(day.daysSinceEpoch))
        case .month(let month):
            put(.month)
            pending.append(month.calendar.rawValue)
            pending.append(difference: Int64(month.year))
            pending.append(UInt8(month.number))
        }
    }

    private func put(_ tag: Tag) { pending.append(tag.rawValue) }

    private static func unpack(_ bytes: UnsafeRawBufferPointer, at offset: Int, count: Int) -> [Cell] {
        var reader = ByteReader(bytes, from: offset)
        let cells = (0..<count).map { _ in cell(&reader) }
        precondition(!reader.isBroken, "rows are read as they were written")
        return cells
    }

    private static func cell(_ reader: inout ByteReader) -> Cell {
        switch Tag(rawValue: reader.byte()) ?? .empty {
        case .empty: return .empty
        case .text: return .text(reader.text())
        case .joined:
            let mizaj = Int(reader.byte())
            let names = (0..<reader.byte()).map { _ in reader.text() }
            return .joined(mizaj: mizaj == 0 ? nil : Mizaj.allCases[mizaj - 1], names: names)
        case .integer: return .integer(reader.difference())
        case .decimal: return .decimal(reader.double())
        case .no: return .boolean(false)
        case .yes: return .boolean(true)
        case .interval:
            let low = reader.double()
            return .interval(low...reader.double())
        case .trend: return .trend(Direction.allCases[Int(reader.byte())], isSignificant: false)
        case .significantTrend: return .trend(Direction.allCases[Int(reader.byte())], isSignificant: true)
        case .day: return .day(Day(daysSinceEpoch: Int32(truncatingIfNeeded: reader.difference())))
        case .month:
            let calendar = ReportCalendar(rawValue: reader.byte()) ?? .gregorian
            let year = Int(reader.difference())
            return .month(Month(calendar: calendar, year: year, number: Int(reader.byte())))
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
