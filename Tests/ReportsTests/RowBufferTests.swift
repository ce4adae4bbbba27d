import Domain
import Testing
import TestSupport

@testable import Reports

@Suite(.timeLimit(.minutes(30))) struct RowBufferTests {
    private func cell(_ random: inout TestRandom) -> Cell {
        switch Int.random(in: 0..<9, using: &random) {
        case 0: .empty
        case 1: .text(String(repeating: "گل x", count: Int.random(in: 0...9, using: &random)))
        case 2: .integer(Int64.random(in: .min ... .max, using: &random))
        case 3: .decimal(Double.random(in: -1e9...1e9, using: &random))
        case 4: .boolean(Bool.random(using: &random))
        case 5: .interval(Double.random(in: 0...0.5, using: &random)...0.5)
        case 6:
            .trend(Direction.allCases.randomElement(using: &random) ?? .stable, isSignificant: .random(using: &random))
        case 7: .day(Day(daysSinceEpoch: Int32.random(in: -9999...99_999, using: &random)))
        default: .month(Month(calendar: .persian, year: Int.random(in: 1300...1500, using: &random), number: 12))
        }
    }

    private func collect(_ buffer: RowBuffer, limit: Int = .max) -> [[Cell]] {
        var rows: [[Cell]] = []
        buffer.forEach(limit: limit) { rows.append($0) }
        return rows
    }

    @Test(arguments: 0..<20)
    func givesBackWhatItWasGiven(seed: Int) throws {
        var random = TestRandom(seed)
        let width = Int.random(in: 1...6, using: &random)
        let rows = (0..<200).map { _ in (0..<width).map { _ in cell(&random) } }
        let buffer = RowBuffer()
        for row in rows { try buffer.append(row) }
        try buffer.finish(width: width, sortedBy: [])
        #expect(collect(buffer) == rows)
        #expect(collect(buffer, limit: 7) == Array(rows.prefix(7)))
    }

    @Test(arguments: [1000, 200_000])
    func sortsAndKeepsTheOrderOfEquals(count: Int) throws {
        var random = TestRandom(count)
        let buffer = RowBuffer()
        var rows: [[Cell]] = []
        for number in 0..<count {
            let key: Cell =
                Int.random(in: 0..<10, using: &random) == 0 ? .empty : .integer(.random(in: 0..<50, using: &random))
            rows.append([key, .integer(Int64(number)), .text("twenty bytes of text")])
        }
        for row in rows { try buffer.append(row) }
        try buffer.finish(width: 3, sortedBy: [(position: 0, isDescending: true)])
        func key(_ row: [Cell]) -> Int64 { if case .integer(let number) = row[0] { number } else { -1 } }
        let expected = rows.enumerated().sorted { (key($1.element), $0.offset) < (key($0.element), $1.offset) }
        #expect(collect(buffer) == expected.map(\.element))  // 200,000 rows are more than stay in memory
        let inOrder = RowBuffer()
        for row in expected { try inOrder.append(row.element) }
        try inOrder.finish(width: 3, sortedBy: [(position: 0, isDescending: true)])
        #expect(collect(inOrder) == expected.map(\.element))
    }
}
