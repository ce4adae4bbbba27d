import DemoClinic
import Domain
import Foundation
import TestSupport

/// Times runs beside the same aggregations as SQL in DuckDB, in turn, so that what else the machine does meets both alike.
struct DuckDBBenchmark {
    let lastDay: Day
    let repeats: Int

    func run(_ feedback: Int) async throws {
        let folder = try TemporaryFolder()
        let clinic = folder.url.appending(path: "clinic")
        try DemoClinic(feedback: feedback, seed: 1, lastDay: lastDay).write(to: clinic)
        let common = ["--database", folder.path("clinic.db"), "--timezone", "Asia/Tehran"]
        _ = try await Measurement(of: ["import", clinic.path] + common)
        _ = try await duckDB(in: folder, repeats: 0, "load")

        var runs: [TimedRun] = []
        var others: [Double] = []
        for _ in 0..<repeats {
            // A first run: nothing is published yet.
            _ = try await BenchmarkShell.output(of: "cp clinic.db run.db", in: folder)
            runs.append(
                try await TimedRun(asOf: lastDay, ["--database", folder.path("run.db"), "--timezone", "Asia/Tehran"]))
            others += try await duckDB(in: folder, repeats: 1)
        }
        let run = runs.median(\.measurement.seconds)
        let other = others.median()
        let aggregates = runs.map(\.aggregates).median()
        print(
            """
            \(feedback) feedback, medians of \(repeats) in turn:

            | | s | of DuckDB's |
            | --- | ---: | ---: |
            | DuckDB: aggregations into temporary tables | \(other.shown) | 1 |
            | read, effectiveness, trends and cohorts | \(aggregates.shown) | \((aggregates / other).shown) |
            | the whole run with scores, published durably | \(run.measurement.seconds.shown) | \
            \((run.measurement.seconds / other).shown) |
            """)
    }

    /// Seconds of each repeat.
    private func duckDB(in folder: TemporaryFolder, repeats: Int, _ further: String = "") async throws -> [Double] {
        let root = Repository.root.path
        return try await BenchmarkShell.output(
            of:
                "'\(root)/.build/duckdb/bin/python' '\(root)/Benchmarks/aggregations.py' clinic clinic.duckdb \(lastDay) \(repeats) \(further)",
            in: folder
        ).split(separator: "\n").compactMap { $0.split(separator: " ").first.flatMap { Double($0) } }
    }
}
