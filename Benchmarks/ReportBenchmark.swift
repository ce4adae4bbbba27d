import DemoClinic
import Domain
import Foundation
import ReportReference

/// Times whole `avicenna report` processes against plain loops in C over the libraries that write the files, for the same
/// cells. The loops are given the cells; the processes find them in a database and lay them out.
struct ReportBenchmark {
    let lastDay: Day
    let repeats: Int

    private static let definition = """
        title: Benchmark
        from: predictions
        where: {min_samples: 0}
        columns: [herb, level, diagnosis_id, recommendation_id, rank, score, confidence, historical, historical_samples, similar]
        formats: [csv, xlsx, pdf]
        """

    func run() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "avicenna-bench-\(getpid())-reports")
        defer { try? FileManager.default.removeItem(at: folder) }  // left behind, it is only in the way
        let clinic = folder.appending(path: "clinic")
        try DemoClinic(feedback: 400_000, seed: 1, lastDay: lastDay).write(to: clinic)
        try Data(Self.definition.utf8).write(to: folder.appending(path: "rows.yaml"))
        let common = [
            "--database", folder.appending(path: "clinic.db").path, "--timezone", "Asia/Tehran", "--output",
            folder.path, "--reports", folder.path,
        ]
        _ = try await Measurement(of: ["import", clinic.path] + common)
        _ = try await Measurement(
            of: ["run", "nightly", "--only", "effectiveness,trends,cohorts,scores", "--as-of", lastDay.description]
                + common)
        _ = try await Measurement(of: ["report", "rows", "--formats", "csv"] + common)
        let cells = try Cells(folder.appending(path: "rows-\(lastDay).csv"))

        print("| report | rows | s | MiB | C loop s | ratio |")
        print("| --- | ---: | ---: | ---: | ---: | ---: |")
        for rows in [1_000, 10_000, 100_000] {
            try await compare("XLSX", rows: rows, format: "xlsx", common) {
                cells.withPointers(numbersAsText: false) { texts, numbers in
                    reference_xlsx(
                        folder.appending(path: "c.xlsx").path, folder.path, texts, numbers, Int32(rows), Cells.columns)
                }
            }
        }
        for rows in [1_000, 10_000] {
            try await compare("PDF", rows: rows, format: "pdf", common) {
                cells.withPointers(numbersAsText: true) { texts, _ in
                    reference_pdf(folder.appending(path: "c.pdf").path, texts, Int32(rows), Cells.columns)
                }
            }
        }
    }

    /// Runs both in turn, so that what else the machine does meets both alike.
    private func compare(
        _ name: String, rows: Int, format: String, _ common: [String], reference: () -> Int32
    ) async throws {
        var ours: [Measurement] = []
        var theirs: [Double] = []
        for _ in 0..<repeats {
            ours.append(
                try await Measurement(of: ["report", "rows", "--formats", format, "--set", "limit=\(rows)"] + common))
            let start = ContinuousClock.now
            guard reference() == 0 else { throw Measurement.Failed(arguments: [name], status: 1) }
            theirs.append((ContinuousClock.now - start) / .seconds(1))
        }
        let (own, other) = (ours.median(\.seconds), theirs.median())
        print(
            "| \(name) | \(rows) | \(own.seconds.shown) | \(own.mebibytes) | \(other.shown) | "
                + "\((own.seconds / other).shown) |")
    }
}

/// The cells of a CSV file whose first two columns are texts.
private struct Cells {
    static let columns: Int32 = 10

    private let texts: [String]

    init(_ csv: URL) throws {
        let lines = try String(contentsOf: csv, encoding: .utf8).split(separator: "\r\n").dropFirst()
        texts = lines.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
    }

    /// Hands the cells to C.
    ///
    /// - Parameter numbersAsText: whether numbers are texts as a page shows them.
    func withPointers(
        numbersAsText: Bool, _ body: (UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<Double>) -> Int32
    ) -> Int32 {
        let numbers = texts.map { Double($0) ?? 0 }
        var pointers: [UnsafePointer<CChar>?] = texts.enumerated().map { position, text in
            let column = position % Int(Self.columns)
            if column < 2 { return UnsafePointer(strdup(text)) }
            guard numbersAsText else { return nil }
            let isShare = text.contains(".")
            return UnsafePointer(strdup(isShare ? "\((numbers[position] * 1000).rounded() / 10)%" : text))
        }
        defer { pointers.forEach { free(UnsafeMutablePointer(mutating: $0)) } }
        return pointers.withUnsafeMutableBufferPointer { pointers in
            numbers.withUnsafeBufferPointer { numbers in
                guard let texts = pointers.baseAddress, let numbers = numbers.baseAddress else { return 1 }
                return body(UnsafePointer(texts), numbers)
            }
        }
    }
}
