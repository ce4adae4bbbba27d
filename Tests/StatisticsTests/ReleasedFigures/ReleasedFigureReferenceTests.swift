import Domain
import Foundation
import Statistics
import Testing

/// Figures against `released_figures.csv`, which `released_figures.py` worked out from "Released figures" in another
/// arithmetic. The columns are explained at the top of the table.
@Suite(.timeLimit(.minutes(30))) struct ReleasedFigureReferenceTests {
    @Test("figures are those of the table") func equalsTheTable() throws {
        let rows = try Self.rows()
        try #require(rows.count >= 60)
        for row in rows {
            let figure = ReleasedFigure(
                of: try row.cells(), successRating: try #require(Rating(row.success)), minimum: row.minimum)
            guard let expected = row.expected else {
                #expect(figure == nil, "\(row.name)")
                continue
            }
            guard let figure else {
                Issue.record("withheld: \(row.name)")
                continue
            }
            #expect(figure.patients == expected.patients, "\(row.name)")
            #expect(figure.successes == expected.successes, "\(row.name)")
            #expect(abs(figure.rate - expected.rate) <= 1e-12, "\(row.name)")
            #expect(abs(figure.interval.lowerBound - expected.low) <= 1e-12, "\(row.name)")
            #expect(abs(figure.interval.upperBound - expected.high) <= 1e-12, "\(row.name)")
            #expect(abs(figure.meanRating - expected.mean) <= 1e-12, "\(row.name)")
            #expect(figure.interval.lowerBound >= 0 && figure.interval.upperBound <= 1, "\(row.name)")
        }
        #expect(rows.count { $0.expected == nil } >= 10)
    }

    @Test("the order of the cells changes nothing but the last digits") func orderOfCells() throws {
        for row in try Self.rows() {
            let cells = try row.cells()
            let success = try #require(Rating(row.success))
            let forth = ReleasedFigure(of: cells, successRating: success, minimum: row.minimum)
            let back = ReleasedFigure(of: cells.reversed(), successRating: success, minimum: row.minimum)
            #expect((forth == nil) == (back == nil), "\(row.name)")
            guard let forth, let back else { continue }
            #expect(forth.patients == back.patients && forth.successes == back.successes, "\(row.name)")
            #expect(abs(forth.interval.lowerBound - back.interval.lowerBound) <= 1e-12, "\(row.name)")
            #expect(abs(forth.interval.upperBound - back.interval.upperBound) <= 1e-12, "\(row.name)")
        }
    }

    private static func rows() throws -> [Row] {
        let table = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "released_figures.csv")
        let lines = try String(contentsOf: table, encoding: .utf8).split(separator: "\n")
            .filter { !$0.hasPrefix("#") }
        #expect(lines.first == "case,cells,success,minimum,shown,n,successes,rate,low,high,mean")
        return try lines.dropFirst().map { try Row($0) }
    }
}

private struct Row {
    let name: String
    let success: Int
    let minimum: Int
    let expected: (patients: Int, successes: Int, rate: Double, low: Double, high: Double, mean: Double)?
    private let numbers: [(thousandths: Int, counts: [Int])]

    init(_ line: Substring) throws {
        let fields = line.split(separator: ",", omittingEmptySubsequences: false)
        try #require(fields.count == 11, "\(line)")
        name = String(fields[0])
        numbers = try fields[1].split(separator: "|").map { cell in
            let parts = cell.split(separator: ":")
            try #require(parts.count == 2, "\(line)")
            let counts = try parts[1].split(separator: " ").map { try #require(Int($0)) }
            try #require(counts.count == 5, "\(line)")
            return (try #require(Int(parts[0])), counts)
        }
        success = try #require(Int(fields[2]))
        minimum = try #require(Int(fields[3]))
        if fields[4] == "yes" {
            let values = try fields[7...].map { try #require(Double($0)) }
            expected = (
                try #require(Int(fields[5])), try #require(Int(fields[6])), values[0], values[1], values[2], values[3]
            )
        } else {
            try #require(fields[4] == "no", "\(line)")
            expected = nil
        }
    }

    func cells() throws -> [(counts: RatingCounts, epsilon: PrivacyLoss)] {
        try numbers.map {
            (RatingCounts(counts: $0.counts), try #require(PrivacyLoss(thousandths: $0.thousandths)))
        }
    }
}
