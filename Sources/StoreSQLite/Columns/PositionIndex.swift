import Domain
import Store

/// Finds the position of an identifier in an ascending column.
struct PositionIndex<Record>: Sendable {
    private let ids: [Identifier<Record>]
    private let first: Int64
    /// Whether they follow each other without gaps, as most do.
    private let isGapless: Bool
    /// Else the position by number, where numbers lie close enough together; -1 where there is none.
    private var direct: [Int32] = []

    init(_ ids: [Identifier<Record>]) {
        self.ids = ids
        first = ids.first?.rawValue ?? 0
        let last = ids.last?.rawValue ?? 0
        isGapless = last - first == Int64(ids.count) - 1
        guard !isGapless, last <= Int64(4 * ids.count + 1024) else { return }
        direct = [Int32](repeating: -1, count: Int(last) + 1)
        for (position, id) in ids.enumerated() {
            direct[Int(id.rawValue)] = Int32(position)
        }
    }

    @inline(__always)
    subscript(id: Identifier<Record>) -> Int32? {
        if isGapless {
            // A damaged number may be anything.
            let position = id.rawValue.subtractingReportingOverflow(first).partialValue
            return ids.indices.contains(Int(position)) ? Int32(position) : nil
        }
        if !direct.isEmpty {
            guard direct.indices.contains(Int(id.rawValue)), direct[Int(id.rawValue)] >= 0 else { return nil }
            return direct[Int(id.rawValue)]
        }
        return ids.sortedPosition(of: id).map { Int32($0) }
    }
}
